import Cryptography
import Foundation
import SaleCore

/// Signs tokens as a login service would (HS256).
struct TokenMint {
    /// RFC 7518, section 3.2: a key must be as long as the hash.
    private static let secretBytesMin = 32
    private let key: HMACKey

    /// - Parameter secretFile: the secret's bytes; a trailing line end is not part of it.
    init(secretFile: String) throws(CommandFailure) {
        guard var secret = FileManager.default.contents(atPath: secretFile) else {
            throw CommandFailure(.usage, "SECKILL_JWT_SECRET_FILE cannot be read: \(secretFile)")
        }
        if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        if secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        guard secret.count >= Self.secretBytesMin else {
            throw CommandFailure(.usage, "SECKILL_JWT_SECRET_FILE must hold at least \(Self.secretBytesMin) bytes: \(secretFile)")
        }
        key = HMACKey(Array(secret))
    }

    func token(for user: UserID, validMilliseconds: Int64) -> String {
        let now = Int64(Date.now.timeIntervalSince1970.rounded(.down))
        // A user's id may hold what JSON writes with a backslash.
        let subject = user.rawValue.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let claims = "{\"sub\":\"\(subject)\",\"iat\":\(now),\"exp\":\(now + validMilliseconds / 1_000)}"
        let signed = Base64URL.text(#"{"alg":"HS256","typ":"JWT"}"#.utf8) + "." + Base64URL.text(claims.utf8)
        return signed + "." + Base64URL.text(key.code(of: signed.utf8.span))
    }
}
