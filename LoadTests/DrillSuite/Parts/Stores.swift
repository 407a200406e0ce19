import FaultSuite
import Foundation
import Glibc
import LoadClient
import LoadSupport
import NIOHTTP1

/// One Redis, and the Sentinel beside it.
final class RedisHost: Sendable {
    let host: Host
    let redis: Supervised
    let sentinel: Supervised

    init(on host: Host) throws {
        self.host = host
        redis = try Supervised(.init("redis-server", on: host, account: .user("redis"), restarts: true), on: host)
        sentinel = try Supervised(.init("redis-sentinel", on: host, account: .user("redis")), on: host)
    }

    func start() async throws {
        try await host.mustRun(["install", "-d", "-o", "redis", "-g", "redis", "/var/lib/redis"])
        try await sentinel.start()
        try await redis.start()
    }

    func role() async -> String? {
        guard let outcome = try? await host.run(["timeout", "1", "redis-cli", "--raw", "role"]), outcome.status == 0 else { return nil }
        return outcome.data.split(separator: "\n").first.map(String.init)
    }

    /// Whom this host's Sentinel names.
    func named() async -> String? {
        let question = ["timeout", "1", "redis-cli", "-p", "26379", "--raw", "sentinel", "get-master-addr-by-name", "seckill"]
        guard let outcome = try? await host.run(question), outcome.status == 0 else { return nil }
        return outcome.data.split(separator: "\n").first.map(String.init)
    }
}

/// One Postgres under its Patroni.
final class PostgresHost: Sendable {
    let host: Host
    let patroni: Supervised
    private let patroniPort: Int

    init(on host: Host, topology: Topology) throws {
        self.host = host
        patroniPort = topology.number("PATRONI_PORT")
        patroni = try Supervised(
            .init(
                "patroni", on: host,
                command: ["/bin/sh", "-c", "set -a; . /etc/patroni/passwords.env; exec /usr/bin/patroni /etc/patroni/config.yml"],
                account: .user("postgres"), restarts: true),
            on: host)
    }

    func start() async throws {
        try await host.mustRun([
            "/bin/sh", "-c",
            "install -d -o postgres -g postgres -m 700 /var/lib/postgresql; install -d -o postgres -g postgres -m 2775 /run/postgresql; chown -R postgres /etc/patroni; chmod 600 /etc/patroni/passwords.env",
        ])
        try await patroni.start()
    }

    /// What Patroni answers to a question of a balancer, such as `primary` or `synchronous`.
    func isA(_ role: String) async -> Bool {
        let answer = try? await WebClient.shared.execute(
            .GET, "http://\(host.address):\(patroniPort)/\(role)", headers: [("Connection", "close")], timeout: .milliseconds(700))
        return answer?.status == 200
    }

    /// The postmaster's, not Patroni's.
    func postmaster() async throws -> Int32? {
        let text = try await host.run(["sed", "-n", "1p", "/var/lib/postgresql/seckill/postmaster.pid"]).data
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    func query(_ sql: String, variables: [String: String] = [:]) async throws -> [[String]] {
        let outcome = try await host.run(
            ["psql", "-h", "/run/postgresql", "-X", "-A", "-t", "-q", "-F", "\u{1F}", "-v", "ON_ERROR_STOP=1", "-d", "seckill", "-f", "-"]
                + variables.flatMap { ["-v", "\($0)=\($1)"] },
            as: .user("postgres"), input: sql)
        guard outcome.status == 0 else { throw SetupFailure("\(host.name): psql: \(outcome.messages)") }
        return outcome.data.split(separator: "\n").map { $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init) }
    }
}
