import Foundation
import LoadModel
import LoadSupport
import PrivateServers
import Testing

/// A whole private stack, as `seckill up` makes it, with limits on.
struct SeckillStack {
    let directory: URL
    let target: String
    let metrics: String
    private let process: RunningSubprocess

    /// Runs `body` beside a stack, and ends the stack.
    static func with(_ body: (SeckillStack) async throws -> Void) async throws {
        let stack = try await SeckillStack()
        do {
            try await body(stack)
        } catch {
            await stack.stop()
            throw error
        }
        await stack.stop()
    }

    private init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-stack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let port = try LocalPort.free()
        let adminPort = try LocalPort.free()
        target = "http://127.0.0.1:\(port)"
        metrics = "http://127.0.0.1:\(adminPort)/metrics"
        process = try Subprocess(Subprocess.built("seckill")).start([
            "up", "--data", directory.appending(path: "data").path, "--port", "\(port)", "--admin-port", "\(adminPort)",
            "--auth", "trusted-header", "--trusted-proxies", "127.0.0.1",
            "--limit-per-user", "5/10", "--limit-per-ip", "100/200", "--limit-total", "off", "--commit-wait", "20s",
        ])
        while !process.data.contains("Ctrl-C") {
            guard process.isRunning else { throw StackDidNotStart(messages: process.messages) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    var pid: Int32 { process.pid }
    var paymentSecretFile: String { "\(data)/payment-secret" }
    private var data: String { directory.appending(path: "data").path }

    func databaseURL() throws -> String {
        let line = try #require(
            String(contentsOfFile: "\(data)/env", encoding: .utf8).split(separator: "\n").first { $0.contains("SECKILL_DATABASE_URL=") })
        return String(line.drop { $0 != "=" }.dropFirst()).trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
    }

    /// Creates an open sale with one SKU `unit`, and waits until the service sells it.
    func sell(_ sale: String, stock: Int, limitPerUser: Int = 1, payWithin: String = "15m") async throws {
        let yaml = """
            sale: \(sale)
            title: Test
            opens_at: 2020-01-01T00:00:00Z
            closes_at: 2100-01-01T00:00:00Z
            pay_within: \(payWithin)
            items:
              - { sku: unit, title: Unit, unit_price: 100, currency: EUR, stock: \(stock), limit_per_user: \(limitPerUser) }

            """
        let script = ". \"$1/env\" && exec \"$2\" sale apply -f -"
        try await Subprocess("/bin/sh").succeed(["-c", script, "sh", data, Subprocess.built("seckill")], input: yaml)
        // A purchase that cannot succeed tells whether the sale is known and its numbers are
        // proven.
        while true {
            let probe = try await LoadCommand.run(
                ["rush"] + arguments(sale, users: 1) + ["--rate", "10", "--duration", "0.1s", "--quantity", "1000", "--users-prefix", "prober-"])
            if try !probe.report().details.contains(where: { $0.detail.contains("recovering") || $0.detail.contains("unknown_sale") }) { return }
        }
    }

    /// What every scenario needs, for JSON. A machine that is busy with other tests makes
    /// generators late, which is not what is tested here.
    func arguments(_ sale: String, users: Int) -> [String] {
        [
            "--target", target, "--sale", sale, "--sku", "unit", "--users", "\(users)", "--connections", "8", "--lag-limit", "1h", "-o", "json",
        ]
    }

    private func stop() async {
        process.signal(SIGTERM)
        _ = try? await process.outcome()
        try? FileManager.default.removeItem(at: directory)
    }
}

struct StackDidNotStart: Error {
    var messages: String
}
