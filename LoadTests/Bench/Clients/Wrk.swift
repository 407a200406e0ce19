import BenchModel
import Foundation

/// The closed loop: every connection sends its next request when it has the last answer.
struct Wrk: Sendable {
    let workspace: Workspace
    var connections: Int
    /// `nil` for all.
    var core: Int?
    /// Over how many sales and SKUs the purchases go in turn.
    var saleCount = 1
    var skuCount = 1

    init(workspace: Workspace, connections: Int, core: Int? = nil) {
        self.workspace = workspace
        self.connections = connections
        self.core = core
    }

    /// - Parameters:
    ///   - users: what the names of this run's users begin with, unlike any other run's.
    ///   - quantity: 0 for a request that is refused after the limits have been asked.
    func buy(at port: Int, seconds: Int, users: String, quantity: Int = 1) async throws -> ClosedLoop {
        let command = [
            "wrk", "--threads", "1", "--connections", String(connections), "--duration", "\(seconds)s",
            // Ten thousand connections in a closed loop wait for seconds; that is late, not lost.
            "--timeout", "30s",
            "--script", "\(workspace.rivals)/purchases.lua", "http://127.0.0.1:\(port)", "--", users, String(quantity), String(saleCount),
            String(skuCount),
        ]
        let log = try "\(workspace.empty("wrk"))/output"
        let output = try await Program.succeed(Program.pinned(command, to: core), log: log)
        guard let json = ClosedLoop.result(in: output) else { throw BenchFailure("wrk printed no result: \(output.suffix(200))") }
        return try JSONDecoder().decode(ClosedLoop.self, from: Data(json.utf8))
    }
}
