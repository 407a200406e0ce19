import ArgumentParser
import BenchModel
import Foundation
import LoadSupport

struct Growth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how the cost of a purchase grows with what there is, and whether a storm of new connections is answered.",
        discussion: "Axes: \(GrowthAxis.allCases.map(\.rawValue).joined(separator: ", ")); storm. Ten million orders take some minutes to make.")

    @Option(help: ArgumentHelp("Only these axes, such as orders,storm.", valueName: "axes")) var only: String?
    @Option(help: ArgumentHelp("Sizes instead of each axis's own, such as 1,100.", valueName: "sizes")) var sizes: String?
    @Option(help: "How often each size is measured.") var rounds = 3
    @Option(help: "How long each measurement takes, in seconds.") var seconds = 4
    @Option(help: "Connections, where they are not what grows.") var connections = 512
    @Flag(help: "Go on when the machine is busy with something else, and mark the tables as not conclusive.") var allowBusy = false
    @Option(help: "Where the report goes; by default reports/growth-<UTC>.") var report: String?

    func validate() throws {
        try RoundOptions.validate(rounds: rounds, seconds: seconds, connections: connections)
        _ = try plan()
    }

    private func plan() throws -> GrowthPlan {
        var plan = GrowthPlan(rounds: rounds, seconds: seconds, connections: connections, allowsBusy: allowBusy)
        if let only {
            (plan.axes, plan.hasStorm) = ([], false)
            for name in only.split(separator: ",") {
                if name == "storm" {
                    plan.hasStorm = true
                } else if let axis = GrowthAxis(rawValue: String(name)) {
                    plan.axes.append(axis)
                } else {
                    throw ValidationError("--only: there is no axis \(name)")
                }
            }
        }
        if let sizes {
            plan.sizes = try sizes.split(separator: ",").map { text in
                guard let size = Int(text), (0...100_000_000).contains(size) else { throw ValidationError("--sizes: \(text) is no size") }
                return size
            }
            // Each has servers and directories of its own at the same time.
            guard Set(plan.sizes ?? []).count == plan.sizes?.count else { throw ValidationError("--sizes: each size once") }
        }
        return plan
    }

    func run() async throws {
        let plan = try plan()
        let directory = report ?? ReportFolder.standardPath("growth")
        try await conclude("growth", in: directory, allowsBusy: allowBusy) {
            try await plan.execute()
        } alsoWriting: { result, folder in
            for axis in result.axes { try folder.write(result.plot(of: axis).svg, to: "\(axis.rawValue).svg") }
        }
    }
}
