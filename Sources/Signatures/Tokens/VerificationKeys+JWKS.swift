import FoundationEssentials
import JWTKit

extension VerificationKeys {
    package static let keysMax = 64
    /// A set of 64 RSA keys of 4,096 bits is half as large.
    package static let setBytesMax = 131_072
    /// 8,192 bits of modulus in base64url; a larger one makes every check expensive.
    private static let modulusCharactersMax = 1_366

    /// The public keys of a JWK set (RFC 7517) that can prove a token: RSA for RS256 and P-256 for ES256, meant for signatures. Others are passed over, and so
    /// are private parts.
    ///
    /// - Throws: when it is not a JWK set, when it is too large, or when no key of it can be used.
    package static func jwks(_ bytes: [UInt8]) async throws(AuthSettingsError) -> VerificationKeys {
        guard bytes.count <= setBytesMax else { throw AuthSettingsError("the JWK set is longer than \(setBytesMax) bytes") }
        let set: KeySet
        do {
            set = try JSONDecoder().decode(KeySet.self, from: Data(bytes))
        } catch {
            throw AuthSettingsError("this is not a JWK set")
        }
        guard set.keys.count <= keysMax else { throw AuthSettingsError("the JWK set has more than \(keysMax) keys") }
        var keys: [Key] = []
        for entry in set.keys {
            guard let published = entry.key, let key = await key(published) else { continue }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw AuthSettingsError("the JWK set has no key for RS256 or ES256") }
        return VerificationKeys(keys: keys)
    }

    private static func key(_ published: PublishedKey) async -> Key? {
        guard published.use ?? "sig" == "sig", published.keyOperations?.contains("verify") ?? true else { return nil }
        let jwk: JWK
        let algorithm: JWK.Algorithm
        // The identifier is jwt-kit's wish; the key stands alone in its collection.
        switch (published.keyType, published.algorithm ?? "") {
        case ("RSA", "RS256"), ("RSA", ""):
            guard let modulus = published.n, modulus.utf8.count <= modulusCharactersMax else { return nil }
            algorithm = .rs256
            jwk = .rsa(.rs256, identifier: "key", modulus: modulus, exponent: published.e)
        case ("EC", "ES256"), ("EC", ""):
            guard published.curve == "P-256" else { return nil }
            algorithm = .es256
            jwk = .ecdsa(.es256, identifier: "key", x: published.x, y: published.y, curve: .p256)
        default:
            return nil
        }
        guard let verifier = try? await JWTKeyCollection().add(jwk: jwk).getKey() else { return nil }
        return Key(id: published.id, algorithm: algorithm.rawValue, verifier: verifier)
    }
}

private struct KeySet: Decodable {
    /// A key that cannot be read must not take the others with it.
    struct Entry: Decodable {
        let key: PublishedKey?

        init(from decoder: any Decoder) throws {
            key = try? PublishedKey(from: decoder)
        }
    }

    let keys: [Entry]
}

private struct PublishedKey: Decodable {
    let keyType: String
    let id: String?
    let algorithm: String?
    let use: String?
    let keyOperations: [String]?
    let curve: String?
    let n: String?
    let e: String?
    let x: String?
    let y: String?

    enum CodingKeys: String, CodingKey {
        case keyType = "kty"
        case id = "kid"
        case algorithm = "alg"
        case keyOperations = "key_ops"
        case curve = "crv"
        case use, n, e, x, y
    }
}
