import Foundation
import LoadModel
import LoadSupport
import Testing

/// `ramp` against a server whose capacity is known.
@Suite(.timeLimit(.minutes(5))) struct RampTests {
    static func arguments(_ target: String, to rate: Int, knee: String) -> [String] {
        [
            "ramp", "--target", target, "--sale", "demo", "--sku", "phone-x", "--users", "10000", "--rate-from", "20", "--rate-to", "\(rate)",
            "--rate-step", "20", "--step-duration", "1s", "--knee-p99", knee, "--connections", "8", "--lag-limit", "1h", "-o", "json",
        ]
    }

    /// It sells sixty units, the offers of the first two steps, and sheds the rest.
    @Test func capacityIsThatOfTheLastStepThatWasServed() async throws {
        try await FakeService.with({ $0.ordinal < 60 ? .committed($0.ordinal) : .problem(503, "overloaded") }) { _, url in
            let outcome = try await LoadCommand.run(Self.arguments(url, to: 60, knee: "60s"))
            let ramp = try #require(try outcome.report().ramp)
            #expect(ramp.capacity == 40)
            #expect(ramp.isKneeFound)
            #expect(ramp.steps.map(\.miss) == [nil, nil, .committed])
            #expect(outcome.status == 0)
        }
    }

    @Test func aStepThatWasCutShortSaysNothing() async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { service, url in
            let command = try LoadCommand.start(Self.arguments(url, to: 2_000, knee: "60s"))
            while service.requests.count < 70 { try await Task.sleep(for: .milliseconds(10)) }
            command.signal(SIGINT)
            let outcome = try await command.outcome()
            let ramp = try #require(try outcome.report().ramp)
            #expect(ramp.capacity >= 40 && !ramp.isKneeFound)
            #expect(outcome.status == 130)
        }
    }

    @Test func theRunEndsAtTheKnee() async throws {
        try await FakeService.with({ _ in .problem(503, "overloaded") }) { _, url in
            let outcome = try await LoadCommand.run(Self.arguments(url, to: 2_000, knee: "100ms") + ["--threshold-capacity", "20"])
            let report = try outcome.report()
            #expect(report.ramp?.capacity == 0)
            #expect(report.offered < 10_000)
            #expect(report.skipped == 0 && !report.isInterrupted)
            #expect(report.failedRules == ["capacity_found", "threshold_capacity"])
            #expect(outcome.status == 99)
        }
    }
}
