import BenchModel
import Foundation

/// The closed loop: every connection sends its next request when it has the last answer.
struct Wrk: Sendable {
    let workspace: Workspace
    var connections: Int
    /// `nil` for all.
    var core: Int?

    /// - Parameter users: what the names of this run's users begin with, unlike any other run's.
    func buy(at port: Int, seconds: Int, users: String) async throws -> ClosedLoop {
        let command = [
            "wrk", "--threads", "1", "--connections", String(connections), "--duration", "\(seconds)s",
            "--script", "\(workspace.rivals)/purchases.lua", "http://127.0.0.1:\(port)", "--", Sale.name, Sale.sku, users,
        ]
        let log = try "\(workspace.empty("wrk"))/output"
        let output = try await Program.succeed(Program.pinned(command, to: core), log: log)
        guard let json = ClosedLoop.result(in: output) else { throw BenchFailure("wrk printed no result: \(output.suffix(200))") }
        return try JSONDecoder().decode(ClosedLoop.self, from: Data(json.utf8))
    }
}
