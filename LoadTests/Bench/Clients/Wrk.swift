import BenchModel
import Foundation
import LoadSupport

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
        try await run("purchases.lua", [users, String(quantity), String(saleCount), String(skuCount)], at: port, seconds: seconds)
    }

    /// - Parameter words: the method, the path and header lines.
    func ask(_ words: [String], at port: Int, seconds: Int) async throws -> ClosedLoop {
        try await run("pages.lua", words, at: port, seconds: seconds)
    }

    private func run(_ script: String, _ arguments: [String], at port: Int, seconds: Int) async throws -> ClosedLoop {
        let command =
            [
                "wrk", "--threads", "1", "--connections", String(connections), "--duration", "\(seconds)s",
                // Ten thousand connections in a closed loop wait for seconds; that is late, not
                // lost.
                "--timeout", "30s",
                "--script", "\(workspace.rivals)/\(script)", "http://127.0.0.1:\(port)", "--",
            ] + arguments
        let words = pinned(command, to: core)
        let output = try await Subprocess(words[0]).succeed(Array(words.dropFirst())).data
        guard let json = ClosedLoop.result(in: output) else { throw BenchFailure("wrk printed no result: \(output.suffix(200))") }
        return try JSONDecoder().decode(ClosedLoop.self, from: Data(json.utf8))
    }
}
