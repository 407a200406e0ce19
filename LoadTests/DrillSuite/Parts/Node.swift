import FaultSuite
import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1

/// One `seckill serve` on a host of its own, and its record in the name server.
final class ShopNode: Sendable {
    let host: Host
    let service: Supervised
    private let port: Int

    init(on host: Host, environment: [String: String], topology: Topology) throws {
        self.host = host
        port = topology.number("NODE_PORT")
        var unit = Supervised.Unit(name: "seckill/seckill", command: ["/etc/seckill/seckill", "serve"])
        (unit.environment, unit.startPost) = (environment, try DropIn(of: "seckill", on: host).startPost)
        service = Supervised(unit, on: host)
    }

    /// The next start is one of this `seckill`.
    func install(_ executable: String) async throws { try await host.mustRun(["ln", "-sfn", executable, "/etc/seckill/seckill"]) }

    var name: String { host.name }
    var base: String { "http://\(host.address):\(port)" }

    func start() async throws { try await service.start() }

    func startAndWait() async throws {
        try await start()
        try await waitUntilReady()
    }

    func waitUntilReady(within patience: Duration = .seconds(30)) async throws {
        guard try await eventually(within: patience, { await isReady() || !service.isRunning }), service.isRunning else {
            throw SetupFailure("\(name) is not ready after \(patience): \(service.lastWords)")
        }
    }

    func isReady() async -> Bool {
        let answer = try? await WebClient.shared.execute(.GET, "\(base)/readyz", headers: [("Connection", "close")], timeout: .milliseconds(500))
        return answer?.status == 200
    }

    func get(_ path: String) async throws -> Answer {
        try await WebClient.shared.send(.GET, base + path, headers: [("Connection", "close")], timeout: .seconds(2))
    }

    /// What it has logged.
    func lines() throws -> [Substring] {
        try String(contentsOfFile: "\(host.log)/\(service.unit.name).log", encoding: .utf8).split(separator: "\n")
    }

    /// Whether it would sell all that is open.
    func hasProvenAll() async throws -> Bool {
        try await get("/readyz?verbose").body.firstMatch(of: #/"([0-9]+) of ([0-9]+) proven"/#).map { $0.1 == $0.2 } ?? false
    }

    /// As its unit does: the record goes first, then the node drains.
    @discardableResult
    func stop() async throws -> Double {
        try await host.mustRun(["/etc/seckill/register.sh", "remove"])
        return try await service.stop()
    }

    func restart() async throws {
        try await stop()
        try await startAndWait()
    }
}
