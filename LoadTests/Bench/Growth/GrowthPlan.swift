import BenchModel
import Foundation
import LoadSupport

/// One axis after the other; each size has servers of its own, all of which run at the same time.
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
            command: "seckill-bench growth", rounds: rounds, seconds: seconds, connections: connections)
        var report = GrowthReport(setup: setup, points: [], storms: [])
        for axis in axes {
            report.points += try await measure(axis, workspace)
        }
        if hasStorm {
            for _ in 0..<rounds { report.storms.append(try await StormRun(connections: StormRun.connectionsUsual, workspace: workspace).execute()) }
        }
        return report
    }

    /// Sizes take turns, as contenders do: what slows the machine down for a while slows down all.
    private func measure(_ axis: GrowthAxis, _ workspace: Workspace) async throws -> [GrowthPoint] {
        let runs = (sizes ?? axis.sizes).map { GrowthRun(axis: axis, size: $0, connections: connections, workspace: workspace) }
        var servers: [SeckillProcess] = []
        return try await withCleanUp(
            {
                for run in runs {
                    servers.append(try await run.start())
                    try await run.warmUp(servers[servers.count - 1])
                }
                var points: [GrowthPoint] = []
                for number in 1...rounds {
                    for (run, server) in zip(runs, servers) { points.append(try await measure(run, server, number)) }
                }
                return points
            }, cleanUp: { for server in servers { await server.stop() } })
    }

    private func measure(_ run: GrowthRun, _ server: SeckillProcess, _ number: Int) async throws -> GrowthPoint {
        var point = try await run.measure(server, seconds: seconds, users: "r\(number)")
        for repetition in 0..<Self.repetitionsMax where point.disturbance.isTooMuch && !allowsBusy {
            Messages.say("  disturbed, once more: \(point.disturbance.text)")
            point = try await run.measure(server, seconds: seconds, users: "r\(number)-\(repetition)")
        }
        let (rate, cost) = (Figure.text(point.loop.perSecond, digits: 0), Figure.text(point.cost.ofServers, digits: 1))
        Messages.say("\(run.axis.rawValue) \(run.size), round \(number): \(rate)/s, server CPU \(cost) µs")
        return point
    }
}
