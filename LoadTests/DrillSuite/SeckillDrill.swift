import ArgumentParser
import FaultSuite
import Foundation
import LoadSupport

/// Runs the whole reference topology in network namespaces, breaks its parts, and judges what
/// buyers were told.
@main
struct SeckillDrill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seckill-drill",
        abstract: "Runs the reference topology in network namespaces, breaks its parts, and judges every answer.",
        discussion: """
            Wants a network, a mount and a process namespace of its own, which scripts/drill.sh gives it. Exit: 0 every drill passed, 2 usage, \
            99 a drill failed, 130 interrupted.
            """)

    @Option(help: "Only these, such as D1,D7.") var only: String?
    @Flag(help: "Those that every change must pass, in their short form.") var selection = false
    @Option(help: "The directory with topology.env and the configurations.") var deployment: String
    @Option(help: "The seckill that the nodes run.") var seckill: String
    @Option(help: "The seckill that D3 goes back to and upgrades from; by default the same.") var earlier: String?
    @Option(help: "An empty directory for the hosts' files.") var place: String
    @Option(help: "Where the report goes; by default reports/drill-<UTC>.") var report: String?

    func run() async throws {
        let folder = try ReportFolder(report ?? ReportFolder.standardPath("drill"))
        let topology = try Topology(deployment: URL(filePath: deployment).standardizedFileURL.path)
        func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
        let keeper = ShopKeeper(
            topology: topology, executable: absolute(seckill), earlier: earlier.map(absolute), directory: "\(place)/shops")
        var suite = SuiteRun(scenarios: try chosen(keeper), seed: .random(in: 1...999_999), executable: seckill)
        suite.scale = selection ? 0.3 : 1
        suite.report = folder
        suite.title = "Drills"
        suite.place = "\(place)/drill"
        suite.say = { Messages.say($0) }
        let result: Result<FaultReport, any Error>
        do {
            result = .success(try await untilInterrupted { [suite] in try await suite.execute() })
        } catch {
            result = .failure(error)
        }
        await keeper.close()
        if case .failure(let error) = result, error is CancellationError { throw ExitCode(130) }
        let outcome = try result.get()
        try folder.write(outcome)
        print(MarkdownReport.summary(outcome))
        if !outcome.hasPassed { throw ExitCode(99) }
    }

    private func chosen(_ keeper: ShopKeeper) throws -> [Scenario] {
        let all = Drill.all(keeper)
        guard let names = only?.split(separator: ",").map(String.init) ?? (selection ? Drill.selection : nil) else { return all }
        return try names.map { name in
            guard let drill = all.first(where: { $0.id == name }) else { throw ValidationError("--only: there is no drill \(name)") }
            return drill
        }
    }
}
