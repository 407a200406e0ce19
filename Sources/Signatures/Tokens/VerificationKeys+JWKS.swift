import Cryptography
import FoundationEssentials

extension VerificationKeys {
    package static let keysMax = 64
    /// A set of 64 RSA keys of 4,096 bits is half as large.
    package static let setBytesMax = 131_072

    /// The public keys of a JWK set (RFC 7517) that can prove a token: RSA for RS256, P-256 for
    /// ES256 and Ed25519 for EdDSA, meant for signatures. Others are passed over, and so are
    /// private parts.
    ///
    /// - Throws: when it is not a JWK set, when it is too large, or when no key of it can be used.
    package static func jwks(_ bytes: [UInt8]) throws(AuthSettingsError) -> VerificationKeys {
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
            guard let published = entry.key, let key = key(published) else { continue }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw AuthSettingsError("the JWK set has no key for RS256, ES256 or EdDSA") }
        return VerificationKeys(keys: keys)
    }

    private static func key(_ published: PublishedKey) -> Key? {
        guard published.use ?? "sig" == "sig", published.keyOperations?.contains("verify") ?? true else { return nil }
        let key: PublicKey?
        switch (published.keyType, published.algorithm ?? "", published.curve ?? "") {
        case ("RSA", "RS256", _), ("RSA", "", _):
            key = bytes(published.n).flatMap { n in bytes(published.e).flatMap { e in .rsa(modulus: n, exponent: e) } }
        case ("EC", "ES256", "P-256"), ("EC", "", "P-256"):
            key = bytes(published.x).flatMap { x in bytes(published.y).flatMap { y in .p256(x: x, y: y) } }
        case ("OKP", "EdDSA", "Ed25519"), ("OKP", "", "Ed25519"):
            key = bytes(published.x).flatMap { .ed25519($0) }
        default:
            key = nil
        }
        return key.map { Key(id: published.id, material: .publicKey($0)) }
    }

    private static func bytes(_ text: String?) -> [UInt8]? {
        text.flatMap { Base64URL.decode($0.utf8) }
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
