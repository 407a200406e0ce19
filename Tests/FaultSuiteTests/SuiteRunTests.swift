import LoadModel
import Testing

@testable import FaultSuite

/// What a scenario must have seen before its silence counts. One after another, for they share the
/// directory of a scenario.
@Suite(.serialized) struct SuiteRunTests {
    private static func verdict(_ body: @escaping @Sendable (Trial) async throws -> Void) async throws -> TrialResult {
        let scenario = Scenario("X", "a scenario", bar: "none", body)
        let report = try await SuiteRun(scenarios: [scenario], seed: 7, executable: "/bin/false").execute()
        return try #require(report.trials.first)
    }

    @Test func aScenarioThatSawFaultsAndSalesAndNoViolationPasses() async throws {
        let result = try await Self.verdict { trial in
            trial.injected("fault")
            trial.answered("201")
            trial.answered("503 recovering")
            trial.check("rule", true, "")
        }
        #expect(result.verdict == .passed)
        #expect((result.requests, result.committed, result.faults) == (2, 1, ["fault": 1]))
    }

    @Test func aScenarioWithoutAFaultFails() async throws {
        let result = try await Self.verdict { trial in
            trial.answered("201")
            trial.check("rule", true, "")
        }
        #expect((result.verdict, result.reason) == (.failed, "no fault happened"))
    }

    @Test func aScenarioThatSoldNothingFails() async throws {
        let result = try await Self.verdict { trial in
            trial.injected("fault")
            trial.answered("503 recovering")
            trial.check("rule", true, "")
        }
        #expect((result.verdict, result.reason) == (.failed, "nothing was sold"))
    }

    @Test func aScenarioThatJudgedNothingFails() async throws {
        let result = try await Self.verdict { trial in
            trial.injected("fault")
            trial.answered("201")
        }
        #expect((result.verdict, result.reason) == (.failed, "nothing was judged"))
    }

    @Test func anErrorFailsIt() async throws {
        let result = try await Self.verdict { _ in throw SetupFailure("no node") }
        #expect((result.verdict, result.reason) == (.failed, "ended by an error: no node"))
    }

    @Test func whatThisMachineCannotDoIsNoFailure() async throws {
        let result = try await Self.verdict { _ in throw NotRun("no root") }
        #expect((result.verdict, result.reason) == (.notRun, "no root"))
    }

    /// A later success does not wipe out an earlier violation.
    @Test func aRuleThatFailedOnceHasFailed() async throws {
        let result = try await Self.verdict { trial in
            trial.injected("fault")
            trial.answered("201")
            trial.check("rule", false, "first")
            trial.check("rule", true, "second")
        }
        #expect(result.verdict == .failed)
        #expect(result.violations == [Finding("rule", false, "first")])
    }

    @Test func aScenarioIsNamedByItsIdAndSeveralByWhatTheyShare() {
        #expect(Scenario.named("t5").map(\.id) == ["T5"])
        #expect(Scenario.named("A4").map(\.id) == ["A4a", "A4b"])
        #expect(Scenario.named("A4b").map(\.id) == ["A4b"])
        #expect(Scenario.named("T99").isEmpty)
    }

    @Test func everyScenarioHasAnIdOfItsOwn() {
        #expect(Set(Scenario.all.map(\.id)).count == Scenario.all.count)
    }
}
