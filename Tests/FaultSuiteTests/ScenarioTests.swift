import LoadSupport
import Synchronization
import Testing

@testable import FaultSuite

/// A short selection of the fault suite, small, against the debug build; `make faults` runs all of
/// it in full size.
@Suite(.serialized) struct ScenarioTests {
    @Test(.timeLimit(.minutes(3)), arguments: ["A1", "A3", "A4a", "A4b", "A6", "T13", "T14", "T28", "T49"])
    func theServiceSurvives(id: String) async throws {
        let lines = Lines()
        var suite = SuiteRun(scenarios: Scenario.named(id), seed: .random(in: 1...999_999), executable: try Subprocess.built("seckill"))
        suite.scale = 0.1
        suite.say = { lines.add($0) }
        let report = try await suite.execute()
        #expect(report.trials.map(\.verdict) == [.passed], "\(lines.text)")
    }
}

/// What a run says, for the message of a failure; the seed is among it.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func add(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}
