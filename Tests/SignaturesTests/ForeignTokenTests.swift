import CCrypto
import Cryptography
import Foundation
import HTTPFront
import SaleCore
import Testing

@testable import Signatures

/// Tokens that PyJWT and joserfc made, and what an attacker makes of them: see Fixtures/mint.py.
@Suite struct ForeignTokenTests {
    struct Example: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        /// The set, or `secret`.
        var keys: String
        var token: String
        /// The user, or the failure.
        var expected: String
        var by: String

        var testDescription: String { "\(name), \(by)" }
    }

    private struct Fixtures: Decodable {
        var secret: String
        var sets: [String: Set]
        var tokens: [Example]

        struct Set: Codable {
            var keys: [[String: String]]
        }
    }

    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let fixtures: Fixtures = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/tokens.json")
        guard let data = try? Data(contentsOf: file), let fixtures = try? JSONDecoder().decode(Fixtures.self, from: data) else {
            fatalError("no fixtures at \(file.path)")
        }
        return fixtures
    }()
    static let examples = fixtures.tokens

    private static func verifier(_ keys: String) throws -> TokenVerifier {
        if keys == "secret" {
            return TokenVerifier(keys: try .hmac(secretFileBytes: #require(Base64URL.decode(fixtures.secret.utf8))))
        }
        let set = try JSONEncoder().encode(#require(fixtures.sets[keys]))
        return TokenVerifier(keys: try .jwks(Array(set)))
    }

    @Test(arguments: examples) func eachTokenHasTheVerdictThatItIsDue(_ example: Example) async throws {
        let verifier = try Self.verifier(example.keys)
        let verdict: String
        do throws(AuthFailure) {
            verdict = try await verifier.verify(bearer: example.token, now: Self.now).rawValue
        } catch {
            verdict = "\(error)"
        }
        #expect(verdict == example.expected)
    }

    /// Otherwise libpq, which shares the thread, would take a bad token's reason for its own.
    @Test func noVerdictLeavesAnErrorInTheLibrarysQueue() throws {
        for example in Self.examples {
            let verifier = try Self.verifier(example.keys)
            #expect(ERR_peek_error() == 0, "\(example.testDescription): the keys")
            _ = verifier.verdict(onBearer: example.token, now: Self.now)
            #expect(ERR_peek_error() == 0, "\(example.testDescription)")
        }
    }

    @Test func keysThatAreUnfitAreLeftOut() throws {
        let set = try JSONEncoder().encode(#require(Self.fixtures.sets["unfit"]))
        #expect(try VerificationKeys.jwks(Array(set)).keys.map(\.id) == ["zero", "ec"])
    }

    @Test func everyAlgorithmIsAmongTheGoodOnes() {
        let good = Self.examples.filter { $0.expected == "alice" }.map(\.name)
        for algorithm in VerificationKeys.algorithms { #expect(good.contains { $0.hasPrefix(algorithm) }, "\(algorithm)") }
    }
}
