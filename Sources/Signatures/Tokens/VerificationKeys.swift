import Cryptography

/// Keys that cannot be used, in one line for the operator.
package struct AuthSettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The keys that prove tokens. Each key is bound to one algorithm: what a token says of its
/// algorithm only chooses among the keys, never how a key is used.
package struct VerificationKeys: Sendable {
    struct Key: Sendable {
        enum Material: Sendable {
            case secret(HMACKey)
            case publicKey(PublicKey)
        }

        var id: String?
        var material: Material

        /// As a token's `alg` names it.
        var algorithm: String {
            switch material {
            case .secret: "HS256"
            case .publicKey(let key): key.algorithm.rawValue
            }
        }

        func isValid(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
            switch material {
            case .secret(let key): key.isValid(signature, of: message)
            case .publicKey(let key): key.isValid(signature, of: message)
            }
        }
    }

    enum Choice: Sendable {
        /// Never none. More than one when the publisher gave them the same id: any of them proves.
        case keys([Key])
        /// No key of that id is known; a newer set may have it.
        case unknownKey
        /// The key is known, for another algorithm; or the algorithm is not taken at all.
        case unsupported
    }

    static let algorithms = Set(["HS256"] + SignatureAlgorithm.allCases.map(\.rawValue))
    /// Of the same id and algorithm: each one more is one more signature to check for whoever sends
    /// nonsense.
    static let namesakesMax = 2

    let keys: [Key]

    func choose(for header: TokenHeader) -> Choice {
        guard Self.algorithms.contains(header.algorithm) else { return .unsupported }
        guard let id = header.keyID else {
            let candidates = keys.filter { $0.algorithm == header.algorithm }
            // Without a name there must be nothing to choose from.
            return candidates.count == 1 ? .keys(candidates) : .unsupported
        }
        // A shared secret has no id and is the only key.
        let named = keys.filter { $0.id == nil || $0.id == id }
        if named.isEmpty { return .unknownKey }
        let fitting = named.filter { $0.algorithm == header.algorithm }
        return fitting.isEmpty ? .unsupported : .keys(Array(fitting.prefix(Self.namesakesMax)))
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
    package static func hmac(secretFileBytes: [UInt8]) throws(AuthSettingsError) -> VerificationKeys {
        VerificationKeys(keys: [Key(id: nil, material: .secret(HMACKey(try secret(fileBytes: secretFileBytes))))])
    }
}
