import ArgumentParser
import BenchModel
import LoadSupport

struct Pages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what browsers cost that wait for a sale, against a purchase refused from memory.")

    @OptionGroup var options: RoundOptions

    func run() async throws {
        let plan = PagesPlan(rounds: options.rounds, seconds: options.seconds, connections: options.connections)
        let directory = options.report ?? ReportFolder.standardPath("pages")
        try await conclude("pages", in: directory, allowsBusy: options.allowBusy) { try await plan.execute() }
    }
}
