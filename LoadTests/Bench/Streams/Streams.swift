import ArgumentParser
import BenchModel
import LoadSupport

struct Streams: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what live streams cost, and what they take from purchases.")

    @OptionGroup var options: RoundOptions

    func run() async throws {
        let plan = StreamsPlan(rounds: options.rounds, seconds: options.seconds, connections: options.connections)
        let directory = options.report ?? ReportFolder.standardPath("streams")
        try await conclude("streams", in: directory, allowsBusy: options.allowBusy) { try await plan.execute() }
    }
}
