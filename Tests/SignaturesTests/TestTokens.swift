import Cryptography
import SaleCore

/// Makes tokens, right and wrong ones, from their parts.
struct TestSigner: Sendable {
    static let secret = Array("0123456789abcdef0123456789abcdef".utf8)

    var name: String
    var sign: @Sendable (_ message: String) -> [UInt8]

    static func hmac(_ secret: [UInt8] = secret) -> TestSigner {
        TestSigner(name: "HS256") { HMACKey(secret).code(of: $0.utf8.span) }
    }

    static func edDSA(_ key: SigningKey) -> TestSigner {
        TestSigner(name: "EdDSA") { key.signature(of: $0.utf8.span) }
    }

    /// - Parameter header: the members of the header after `alg`.
    func token(_ payload: String, header: String = "", algorithm name: String? = nil) -> String {
        let signed = Base64URL.text("{\"alg\":\"\(name ?? self.name)\"\(header)}".utf8) + "." + Base64URL.text(payload.utf8)
        return signed + "." + Base64URL.text(sign(signed))
    }
}

/// JWK sets as an identity provider publishes them.
enum TestJWKS {
    static func set(_ keys: String...) -> [UInt8] { Array("{\"keys\":[\(keys.joined(separator: ","))]}".utf8) }

    static func edDSA(_ key: SigningKey, id: String, more: String = "") -> String {
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"\(id)\",\"x\":\"\(Base64URL.text(key.publicKey))\"\(more)}"
    }
}

enum Sample {
    static let alice = UserID("alice")!
}
