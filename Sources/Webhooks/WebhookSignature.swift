import Cryptography
import Foundation

/// How messages are signed (https://www.standardwebhooks.com): HMAC-SHA-256 over
/// `id.timestamp.body`, one signature per secret.
enum WebhookSignature {
    /// The value of `webhook-signature`.
    static func header(id: String, timestamp: Int64, body: String, keys: [HMACKey]) -> String {
        let message = Array("\(id).\(timestamp).\(body)".utf8)
        return keys.map { "v1,\(Data($0.code(of: message.span)).base64EncodedString())" }.joined(separator: " ")
    }
}
