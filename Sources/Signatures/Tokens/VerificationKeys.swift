import JWTKit

/// Keys that cannot be used, in one line for the operator.
package struct AuthSettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The keys that prove tokens. Each key is bound to one algorithm: what a token says of its algorithm only chooses among the keys, never how a key is used.
package struct VerificationKeys: Sendable {
    struct Key: Sendable {
        var id: String?
        /// As a token's `alg` names it.
        var algorithm: String
        var verifier: any JWTAlgorithm
    }

    enum Choice: Sendable {
        case key(Key)
        /// No key of that id is known; a newer set may have it.
        case unknownKey
        /// The key is known, for another algorithm; or the algorithm is not taken at all.
        case unsupported
    }

    static let algorithms: Set<String> = ["HS256", "RS256", "ES256"]

    let keys: [Key]

    func choose(for header: TokenHeader) -> Choice {
        guard Self.algorithms.contains(header.algorithm) else { return .unsupported }
        guard let id = header.keyID else {
            let candidates = keys.filter { $0.algorithm == header.algorithm }
            // Without a name there must be nothing to choose from.
            if candidates.count == 1, let only = candidates.first { return .key(only) }
            return .unsupported
        }
        // A shared secret has no id and is the only key.
        let named = keys.filter { $0.id == nil || $0.id == id }
        if named.isEmpty { return .unknownKey }
        guard let key = named.first(where: { $0.algorithm == header.algorithm }) else { return .unsupported }
        return .key(key)
    }
}

extension VerificationKeys {
    package static let secretBytesMin = 32

    /// The secret of HS256 as the bytes of its file say it: a trailing line end is not part of it.
    package static func secret(fileBytes: [UInt8]) throws(AuthSettingsError) -> [UInt8] {
        var secret = fileBytes[...]
        if secret.last == UInt8(ascii: "\n") { secret = secret.dropLast() }
        if secret.last == UInt8(ascii: "\r") { secret = secret.dropLast() }
        guard secret.count >= secretBytesMin else {
            throw AuthSettingsError("the secret must have at least \(secretBytesMin) bytes, not \(secret.count)")
        }
        return Array(secret)
    }

    /// One key for HS256.
    package static func hmac(secretFileBytes: [UInt8]) async throws(AuthSettingsError) -> VerificationKeys {
        let secret = try secret(fileBytes: secretFileBytes)
        do {
            let collection = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
            return VerificationKeys(keys: [Key(id: nil, algorithm: "HS256", verifier: try await collection.getKey())])
        } catch {
            throw AuthSettingsError("the secret cannot be used")
        }
    }
}
