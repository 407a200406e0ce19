import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1
import PrivateServers
import Testing

/// A whole `seckill up` with stores of its own.
final class Shop: Sendable {
    let port: Int
    let adminPort: Int
    private let data: String
    private let process: RunningSubprocess

    var address: String { "http://127.0.0.1:\(port)" }
    var admin: String { "http://127.0.0.1:\(adminPort)" }

    private init(port: Int, adminPort: Int, data: String, process: RunningSubprocess) {
        (self.port, self.adminPort, self.data, self.process) = (port, adminPort, data, process)
    }

    static func open(_ flags: [String] = []) async throws -> Shop {
        try await start(data: "/tmp/seckill-shop-\(UUID().uuidString)", port: LocalPort.free(), adminPort: LocalPort.free(), flags)
    }

    private static func start(data: String, port: Int, adminPort: Int, _ flags: [String]) async throws -> Shop {
        let seckill = Subprocess(try Subprocess.built("seckill"))
        let process = try seckill.start(["up", "--data", data, "--port", "\(port)", "--admin-port", "\(adminPort)"] + flags)
        let shop = Shop(port: port, adminPort: adminPort, data: data, process: process)
        let isUp = try await eventually(within: .seconds(120)) {
            guard process.isRunning else { throw ShopFailure(description: "seckill up ended: \(process.messages)") }
            return process.data.contains("Ctrl-C stops everything")
        }
        guard isUp else { throw ShopFailure(description: "seckill up is not ready: \(process.data)\(process.messages)") }
        return shop
    }

    /// Ends everything, and takes the data away unless they are wanted again.
    func close(keepingData: Bool = false) async throws {
        process.signal(15)
        _ = try await process.outcome()
        if !keepingData { try? FileManager.default.removeItem(atPath: data) }
    }

    /// Everything stops, and starts again with the same data at the same ports.
    func reopened(_ flags: [String] = []) async throws -> Shop {
        try await close(keepingData: true)
        return try await Self.start(data: data, port: port, adminPort: adminPort, flags)
    }

    /// The service stands still, and goes on; its stores do not notice.
    func freeze() { process.signal(SIGSTOP) }
    func thaw() { process.signal(SIGCONT) }

    /// Of the operator whom `up` made, as it printed it.
    var operatorToken: String {
        process.data.firstMatch(of: #/operator's token: (sko_[A-Za-z0-9_-]+)/#).map { String($0.1) } ?? ""
    }

    /// What a statement says of its one row.
    func sql(_ statement: String) async throws -> String {
        try await Subprocess("/bin/sh").succeed(["-c", ". '\(data)/env' && exec psql \"$SECKILL_DATABASE_URL\" -Atqc \"$0\"", statement]).data
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What its metrics say of a family, all series together that have `label`.
    func count(of family: String, _ label: String = "") async throws -> Int {
        try await Self.count(of: family, label, admin: admin)
    }

    private static func count(of family: String, _ label: String = "", admin: String) async throws -> Int {
        let scrape = try await WebClient.shared.execute(.GET, "\(admin)/metrics", headers: [], body: nil, timeout: .seconds(30))
        #expect(scrape.status == 200)
        let lines = scrape.text.split(separator: "\n").filter { $0.hasPrefix(family + "{") && $0.contains(label) }
        return lines.reduce(0) { $0 + Int(Double($1.split(separator: " ").last ?? "") ?? 0) }
    }

    /// Runs a command in the environment that `up` has written down.
    @discardableResult
    func seckill(_ command: String, input: String = "") async throws -> String {
        let executable = try Subprocess.built("seckill")
        return try await Subprocess("/bin/sh").succeed(["-c", ". '\(data)/env' && exec '\(executable)' \(command)"], input: input).data
    }
}

/// Gives `body` a shop of its own.
func withShop<Value>(_ flags: [String] = [], _ body: (Shop) async throws -> Value) async throws -> Value {
    let shop = try await Shop.open(flags)
    let value: Value
    do {
        value = try await body(shop)
    } catch {
        try? await shop.close()
        throw error
    }
    try await shop.close()
    return value
}

/// Why a shop did not open.
struct ShopFailure: Error, CustomStringConvertible {
    var description: String
}
