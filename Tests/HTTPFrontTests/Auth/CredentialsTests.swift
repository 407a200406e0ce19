import SaleCore
import Testing

@testable import HTTPFront

@Suite struct CredentialsTests {
    @Test(arguments: ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c"])
    func schemeIsReadInAnyCase(value: String) throws {
        #expect(try Credentials.bearerToken(in: [value]) == "a.b.c")
    }

    @Test(arguments: ["", "Bearer", "Bearer ", "Basic YTpi", "Bearera.b.c", "Bearer a b", "Bearer a\tb", "Bearer ü"])
    func otherValuesAreRefused(value: String) {
        #expect(throws: AuthFailure.malformedCredentials) { try Credentials.bearerToken(in: [value]) }
    }

    @Test func authorizationOccursOnce() {
        #expect(throws: AuthFailure.missingCredentials) { try Credentials.bearerToken(in: []) }
        #expect(throws: AuthFailure.malformedCredentials) { try Credentials.bearerToken(in: ["Bearer a", "Bearer a"]) }
    }

    @Test func trustedHeaderOccursOnceAndIsAUser() throws {
        #expect(try Credentials.trustedUser(in: ["alice"]) == Sample.alice)
        #expect(throws: AuthFailure.missingCredentials) { try Credentials.trustedUser(in: []) }
        #expect(throws: AuthFailure.malformedCredentials) { try Credentials.trustedUser(in: ["alice", "alice"]) }
        for value in ["", "a b", "ü", "alice, mallory", String(repeating: "a", count: 129)] {
            #expect(throws: AuthFailure.malformedCredentials) { try Credentials.trustedUser(in: [value]) }
        }
    }

    @Test(arguments: AuthFailure.allCases)
    func everyFailureIsA401ThatChallengesOrAskToComeBack(failure: AuthFailure) {
        if failure == .keysUnavailable {
            #expect(failure.problem.code == .recovering)
            #expect(failure.problem.retryAfterSeconds != nil)
        } else {
            #expect(failure.problem.code == .unauthenticated)
            #expect(failure.problem.challenge?.hasPrefix("Bearer ") == true)
        }
    }
}
