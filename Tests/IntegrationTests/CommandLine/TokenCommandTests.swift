import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct TokenCommandTests {
    @Test func aTokenIsAllThatIsPrinted() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try "0123456789abcdef0123456789abcdef\n".write(toFile: "\(directory.path)/secret", atomically: false, encoding: .utf8)
        let seckill = SeckillCommand(environment: ["SECKILL_JWT_SECRET_FILE": "\(directory.path)/secret"])
        let outcome = try await seckill("token", "mint", "--user", "ada", "--ttl", "1h30m")
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.messages)")
        let parts = outcome.data.trimmingCharacters(in: .newlines).split(separator: ".")
        #expect(parts.count == 3)
        let claims = try #require(try JSONSerialization.jsonObject(with: base64url(parts[1])) as? [String: Any])
        let (issued, expires) = (try #require(claims["iat"] as? Int), try #require(claims["exp"] as? Int))
        #expect(claims["sub"] as? String == "ada")
        #expect(expires - issued == 5_400)
    }

    @Test func aSecretThatIsTooShortIsRefused() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try "short".write(toFile: "\(directory.path)/secret", atomically: false, encoding: .utf8)
        let outcome = try await SeckillCommand()("token", "mint", "--user", "ada", "--jwt-secret-file", "\(directory.path)/secret")
        #expect(outcome.status == 2 && outcome.data.isEmpty)
        #expect(outcome.messages.contains("SECKILL_JWT_SECRET_FILE"))
    }

    private func base64url(_ text: Substring) throws -> Data {
        let padded = text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (4 - text.count % 4) % 4)
        return try #require(Data(base64Encoded: String(padded)))
    }
}
