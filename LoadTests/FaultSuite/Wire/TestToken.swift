import Crypto
import Foundation

/// Makes JSON Web Tokens, good and bad.
enum TestToken {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func claims(_ user: String, expiresIn seconds: Int = 600, more: String = "") -> String {
        "{\"sub\":\"\(user)\",\"exp\":\(Int(Date().timeIntervalSince1970) + seconds)\(more)}"
    }

    static func hs256(_ payload: String, secret: [UInt8], header: String = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}") -> String {
        let text = "\(encode(header.utf8)).\(encode(payload.utf8))"
        return "\(text).\(encode(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: secret))))"
    }

    static func es256(_ payload: String, key: P256.Signing.PrivateKey, header: String) throws -> String {
        let text = "\(encode(header.utf8)).\(encode(payload.utf8))"
        return "\(text).\(encode(try key.signature(for: Data(text.utf8)).rawRepresentation))"
    }

    /// A JWK set with the public halves.
    static func keySet(_ keys: [(id: String, key: P256.Signing.PrivateKey)]) -> String {
        let entries = keys.map { id, key in
            // The raw representation is x, then y.
            let point = Array(key.publicKey.rawRepresentation)
            return
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"\(id)\",\"x\":\"\(encode(point[..<32]))\",\"y\":\"\(encode(point[32...]))\"}"
        }
        return "{\"keys\":[\(entries.joined(separator: ","))]}"
    }
}
