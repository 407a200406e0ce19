import Foundation
import Simulation
import Testing

/// The service's own code in simulated worlds.
@Suite(.timeLimit(.minutes(15))) struct SimulationTests {
    /// A few; `make simulate` runs ten thousand.
    @Test func everyPromiseIsKept() async throws {
        let run = try await simulate("--seeds", "300")
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("worlds 300"))
    }

    @Test func everyEventIsTakenOrKept() async throws {
        let run = try await simulate("--webhooks", "--seeds", "100")
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("worlds 100"))
    }

    @Test func aSeedOfWebhooksTellsTheSameStoryAgain() async throws {
        let (first, second) = (try await simulate("--webhooks", "--seed", "42"), try await simulate("--webhooks", "--seed", "42"))
        #expect(first.output == second.output)
        #expect(first.output.contains(": taken"))
    }

    @Test(arguments: ["tellsPastOpen", "forgetsFailures", "forgetsStops"])
    func aMissingGuardOfWebhooksIsFound(flaw: String) async throws {
        let run = try await simulate("--webhooks", "--seeds", "300", "--until-broken", "--flaw", flaw)
        #expect(run.status == 4, "\(run.output)")
    }

    @Test func aSeedTellsTheSameStoryAgain() async throws {
        let (first, second) = (try await simulate("--seed", "42"), try await simulate("--seed", "42"))
        #expect(first.output == second.output)
        #expect(first.output.contains("hears 201"))
        #expect(try await simulate("--seed", "43").output != first.output)
    }

    /// A guard that is missing is missed: otherwise the auditor proves nothing. Those behind which
    /// another guard stands take more worlds: see `make simulate`.
    @Test(arguments: ["countsMovesTwice", "forgetsKeys", "grantsAgain", "forgetsAtRestart", "keepsUnits", "refundsAnything"])
    func aMissingGuardIsFound(flaw: String) async throws {
        let run = try await simulate("--seeds", "1000", "--until-broken", "--flaw", flaw)
        #expect(run.status == 4, "\(run.output)")
    }

    @Test func anUnknownFlawIsRefused() async throws {
        let run = try await simulate("--flaw", "none")
        #expect(run.status == 64 && run.output.contains("there is no flaw none"))
        #expect(try await simulate("--flaw", "forgetsStops").status == 64)
    }

    private func simulate(_ arguments: String...) async throws -> (status: Int32, output: String) {
        let process = Process()
        // Beside the test bundle, where SwiftPM builds it.
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: bundle).deletingLastPathComponent().appending(path: "seckill-simulate")
        process.arguments = arguments
        process.environment = ["SWIFT_DETERMINISTIC_HASHING": "1"]
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
