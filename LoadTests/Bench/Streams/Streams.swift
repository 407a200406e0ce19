import ArgumentParser
import BenchModel
import LoadSupport

struct Streams: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what live streams cost, and what they take from purchases.")

    @Option(help: "How often each audience is measured.") var rounds = 5
    @Option(help: "How long purchases run at full speed, and how long they are few, in seconds each.") var seconds = 5
    @Option(help: "Connections that buy.") var connections = 256
    @Flag(help: "Go on when the machine is busy with something else, and mark the table as not conclusive.") var allowBusy = false
    @Option(help: "Where the report goes; by default reports/streams-<UTC>.") var report: String?

    func validate() throws {
        guard (1...100).contains(rounds) else { throw ValidationError("--rounds must be between 1 and 100") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds must be between 1 and 600") }
        guard (1...10_000).contains(connections) else { throw ValidationError("--connections must be between 1 and 10000") }
    }

    func run() async throws {
        let plan = StreamsPlan(rounds: rounds, seconds: seconds, connections: connections)
        let directory = report ?? ReportFolder.standardPath("streams")
        try await conclude("streams", in: directory, allowsBusy: allowBusy) { try await plan.execute() }
    }
}
