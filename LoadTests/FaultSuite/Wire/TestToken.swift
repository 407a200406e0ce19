import Cryptography
import Foundation

/// Makes JSON Web Tokens, good and bad.
package enum TestToken {
    package static func claims(_ user: String, expiresIn seconds: Int = 600, more: String = "") -> String {
        "{\"sub\":\"\(user)\",\"exp\":\(Int(Date().timeIntervalSince1970) + seconds)\(more)}"
    }

    package static func hs256(_ payload: String, secret: [UInt8], header: String = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}") -> String {
        let text = "\(Base64URL.text(header.utf8)).\(Base64URL.text(payload.utf8))"
        return "\(text).\(Base64URL.text(HMACKey(secret).code(of: text.utf8.span)))"
    }

    static func edDSA(_ payload: String, key: SigningKey, header: String) -> String {
        let text = "\(Base64URL.text(header.utf8)).\(Base64URL.text(payload.utf8))"
        return "\(text).\(Base64URL.text(key.signature(of: text.utf8.span)))"
    }

    /// A JWK set with the public halves.
    static func keySet(_ keys: [(id: String, key: SigningKey)]) -> String {
        let entries = keys.map { id, key in
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"\(id)\",\"x\":\"\(Base64URL.text(key.publicKey))\"}"
        }
        return "{\"keys\":[\(entries.joined(separator: ","))]}"
    }
}
