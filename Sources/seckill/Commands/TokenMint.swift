import Foundation
import JWTKit
import SaleCore

/// Signs tokens as a login service would (HS256).
struct TokenMint {
    private struct Claims: JWTPayload {
        var sub: SubjectClaim
        var iat: IssuedAtClaim
        var exp: ExpirationClaim

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
        }
    }

    /// RFC 7518, section 3.2: a key must be as long as the hash.
    private static let secretBytesMin = 32
    private let secret: Data

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
        self.secret = secret
    }

    func token(for user: UserID, validMilliseconds: Int64) async throws -> String {
        let now = Date(timeIntervalSince1970: Date.now.timeIntervalSince1970.rounded(.down))
        let claims = Claims(
            sub: SubjectClaim(value: user.rawValue), iat: IssuedAtClaim(value: now),
            exp: ExpirationClaim(value: now.addingTimeInterval(Double(validMilliseconds) / 1_000)))
        return try await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256).sign(claims)
    }
}
