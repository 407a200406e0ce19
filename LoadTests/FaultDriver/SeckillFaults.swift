import ArgumentParser
import FaultSuite
import Foundation
import LoadSupport

/// Runs the real service, breaks what it stands on, and judges what it told its buyers.
@main
struct SeckillFaults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seckill-faults",
        abstract: "Runs the real service on private servers, injects faults, and judges the invariants.",
        discussion: "Exit: 0 every trial passed or could not run, 2 usage, 99 a trial failed, 130 interrupted.", subcommands: [Run.self, List.self])
}

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say which tests there are.")

    func run() {
        for scenario in Scenario.all { print("\(scenario.id)\t\(scenario.title)\t\(scenario.bar)") }
    }
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run tests, one after another.")

    @Flag(help: "All of them.") var all = false
    @Option(help: "Only these, such as T1,T5.") var only: String?
    @Option(help: "Where chance begins; printed, and made up when it is not given.") var seed: UInt64 = .random(in: 1...999_999)
    @Option(name: .customLong("repeat"), help: "How often each runs; the first run has the seed itself, the others seeds made from it.")
    var repetitions = 1
    @Option(help: "How large the tests are; 1 is full size.") var scale = 1.0
    @Option(help: "The seckill to test; by default the one beside this program.") var seckill: String?
    @Option(help: "Where the report goes; by default reports/faults-<UTC>.") var report: String?

    func validate() throws {
        guard all != (only != nil) else { throw ValidationError("give either --all or --only") }
        guard (1...10_000).contains(repetitions) else { throw ValidationError("--repeat must be between 1 and 10000") }
        guard scale > 0, scale <= 100 else { throw ValidationError("--scale must be above 0 and at most 100") }
        _ = try chosen()
    }

    private func chosen() throws -> [Scenario] {
        guard let only else { return Scenario.all }
        return try only.split(separator: ",").flatMap { name in
            let scenarios = Scenario.named(String(name))
            guard !scenarios.isEmpty else { throw ValidationError("--only: there is no test \(name); `seckill-faults list` names them") }
            return scenarios
        }
    }

    func run() async throws {
        let folder = try ReportFolder(report ?? ReportFolder.standardPath("faults"))
        var suite = SuiteRun(scenarios: try chosen(), seed: seed, executable: try executable())
        suite.repetitions = repetitions
        suite.scale = scale
        suite.report = folder
        suite.inapplicable = Scenario.inapplicable
        suite.say = { Messages.say($0) }
        let result: FaultReport
        do {
            result = try await untilInterrupted { [suite] in try await suite.execute() }
        } catch is CancellationError {
            throw ExitCode(130)
        }
        try folder.write(result)
        print(MarkdownReport.summary(result))
        Messages.say("report: \(folder.path)")
        if !result.hasPassed { throw ExitCode(99) }
    }

    private func executable() throws -> String {
        let path = try seckill ?? Subprocess.built("seckill")
        guard FileManager.default.isExecutableFile(atPath: path) else { throw ValidationError("--seckill: \(path) cannot be run") }
        return URL(filePath: path).standardizedFileURL.path
    }
}
