import BenchModel
import Foundation
import LoadModel
import LoadSupport

/// The open loop: purchases arrive at one rate whatever the server does.
struct RushClient: Sendable {
    let workspace: Workspace
    var connections: Int

    func buy(at port: Int, rate: Double, seconds: Int, users: String) async throws -> OpenLoop {
        let directory = try workspace.empty("rush")
        let userCount = Int(rate * Double(seconds)) + 1
        let command = [
            "rush", "--target", "http://127.0.0.1:\(port)", "--sale", Sale().name, "--sku", Sale.sku(0), "--users", String(userCount),
            "--users-prefix", users, "--rate", String(rate), "--duration", "\(seconds)s", "--connections", String(connections),
            "--report", directory,
        ]
        let outcome = try await Subprocess(workspace.load)(command)
        guard let report = try? ReportFolder.decode(RunReport.self, from: "report.json", in: directory) else {
            throw BenchFailure("seckill-load ended with \(outcome.status): \(outcome.messages.split(separator: "\n").last ?? "")")
        }
        let committed = report.outcomes.first { $0.outcome == .committed }
        let others = report.outcomes.filter { $0.outcome != .committed }.reduce(0) { $0 + $1.count }
        return OpenLoop(
            offeredPerSecond: report.offeredPerSecond, committed: Int(committed?.count ?? 0), others: Int(others),
            p50: Int(committed?.latencyMicroseconds.p50 ?? 0), p99: Int(committed?.latencyMicroseconds.p99 ?? 0),
            max: Int(committed?.latencyMicroseconds.max ?? 0),
            isScheduleKept: report.isScheduleKept)
    }
}
