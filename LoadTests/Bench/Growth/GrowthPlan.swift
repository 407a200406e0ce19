import BenchModel
import Foundation

/// One axis after the other, from the smallest size to the largest; each size has servers of its own.
struct GrowthPlan: Sendable {
    var axes = GrowthAxis.allCases
    var hasStorm = true
    /// Instead of each axis's own.
    var sizes: [Int]?
    var rounds: Int
    var seconds: Int
    var connections: Int
    var allowsBusy: Bool

    /// A disturbed measurement is repeated this often.
    private static let repetitionsMax = 2

    init(rounds: Int, seconds: Int, connections: Int, allowsBusy: Bool) {
        self.rounds = rounds
        self.seconds = seconds
        self.connections = connections
        self.allowsBusy = allowsBusy
    }

    func execute() async throws -> GrowthReport {
        let workspace = try Workspace()
        defer { workspace.remove() }
        if !allowsBusy, let disturbance = try await Quiet.wait() { throw BusyMachine(disturbance: disturbance) }
        let setup = try await MachineFacts.setup(
            command: "seckill-bench growth", rounds: rounds, seconds: seconds, connections: connections, workspace)
        var report = GrowthReport(setup: setup, points: [], storms: [])
        for axis in axes {
            for size in sizes ?? axis.sizes {
                report.points += try await measure(axis, size, workspace)
            }
        }
        if hasStorm {
            for _ in 0..<rounds { report.storms.append(try await StormRun(connections: StormRun.connectionsUsual, workspace: workspace).execute()) }
        }
        return report
    }

    private func measure(_ axis: GrowthAxis, _ size: Int, _ workspace: Workspace) async throws -> [GrowthPoint] {
        let run = GrowthRun(axis: axis, size: size, connections: connections, workspace: workspace)
        let server = try await run.start()
        return try await withCleanUp(
            {
                try await run.warmUp(server)
                var points: [GrowthPoint] = []
                for number in 1...rounds {
                    var point = try await run.measure(server, seconds: seconds, users: "r\(number)")
                    for repetition in 0..<Self.repetitionsMax where point.disturbance.isTooMuch && !allowsBusy {
                        Console.say("  disturbed, once more: \(point.disturbance.text)")
                        point = try await run.measure(server, seconds: seconds, users: "r\(number)-\(repetition)")
                    }
                    let (rate, cost) = (Figure.text(point.loop.perSecond, digits: 0), Figure.text(point.cost.ofServers, digits: 1))
                    Console.say("\(axis.rawValue) \(size), run \(number): \(rate)/s, server CPU \(cost) µs")
                    points.append(point)
                }
                return points
            }, cleanUp: { await server.stop() })
    }
}
