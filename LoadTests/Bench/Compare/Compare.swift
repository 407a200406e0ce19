import ArgumentParser
import BenchModel
import Foundation
import LoadSupport

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the service and its rivals in alternating rounds, and print one table in Markdown.")

    @Option(help: "How often each contender is measured.") var rounds = 5
    @Option(help: "How long each measurement takes, in seconds.") var seconds = 5
    @Option(help: "Connections of the closed loop.") var connections = 512
    @Option(help: "How long half of the rate is offered to those who sell, in seconds.") var halfLoadSeconds = 15
    @Option(help: ArgumentHelp("Only these: \(Contender.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "names"))
    var only: String?
    @Flag(help: "Go on when the machine is busy with something else, and mark the table as not conclusive.") var allowBusy = false
    @Option(help: "Where the report goes; by default reports/bench-<UTC>.") var report: String?

    func validate() throws {
        try RoundOptions.validate(rounds: rounds, seconds: seconds, connections: connections)
        guard (1...600).contains(halfLoadSeconds) else { throw ValidationError("--half-load-seconds must be between 1 and 600") }
        _ = try contenders()
    }

    private func contenders() throws -> [Contender] {
        guard let only else { return Contender.allCases }
        return try only.split(separator: ",").map { name in
            guard let contender = Contender(rawValue: String(name)) else { throw ValidationError("--only: there is no contender \(name)") }
            return contender
        }
    }

    func run() async throws {
        let plan = ComparePlan(
            contenders: try contenders(), rounds: rounds, seconds: seconds, connections: connections,
            halfLoadSeconds: halfLoadSeconds, allowsBusy: allowBusy)
        let directory = report ?? ReportFolder.standardPath("bench")
        try await conclude("bench", in: directory, allowsBusy: allowBusy) { try await plan.execute() }
    }
}
