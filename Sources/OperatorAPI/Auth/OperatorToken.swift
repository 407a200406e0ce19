import Cryptography

/// The secret of an operator: `sko_` and 32 random bytes in base64url. Kept nowhere but with its
/// holder; files hold its digest.
package struct OperatorToken: Sendable {
    package let text: String

    static let prefix = "sko_"
    private static let secretByteCount = 32

    /// A new one.
    package init() {
        var random = SystemRandomNumberGenerator()
        text = Self.prefix + Base64URL.text((0..<Self.secretByteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    /// One that its holder has kept; `nil` for what is no token of ours.
    package init?(kept text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count > Self.prefix.utf8.count + Self.secretByteCount else { return nil }
        self.text = text
    }

    /// Of the whole token, its prefix included: what a line of the operators' file holds.
    package var digest: String { Self.hexadecimal(Self.digest(of: text)) }

    static func hexadecimalDigest(of text: String) -> String { hexadecimal(digest(of: text)) }

    static func digest(of token: String) -> [UInt8] { SHA256Digest(of: token.utf8.span).bytes }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
