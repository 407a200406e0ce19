import FaultSuite
import Foundation
import LoadClient
import LoadModel
import LoadSupport

/// The whole reference topology, selling.
final class Shop: Sendable {
    let lab: Lab
    let names: Supervised
    let etcd: Supervised
    let ops: Host
    let redis: [RedisHost]
    let postgres: [PostgresHost]
    let nodes: [ShopNode]
    let edges: [Edge]
    let executable: String
    private let environment: [String: String]

    /// The last numbers of the addresses that buyers may come from.
    static let clients = 200...239
    private static let secret = "a secret of the drills, longer than 32 bytes"

    private init(
        lab: Lab, ops: Host, names: Supervised, etcd: Supervised, redis: [RedisHost], postgres: [PostgresHost], nodes: [ShopNode], edges: [Edge],
        executable: String, environment: [String: String]
    ) {
        (self.lab, self.ops, self.names, self.etcd) = (lab, ops, names, etcd)
        (self.redis, self.postgres, self.nodes, self.edges) = (redis, postgres, nodes, edges)
        (self.executable, self.environment) = (executable, environment)
    }

    /// The virtual address.
    var base: String { "http://\(lab.topology["VIP"])" }

    /// How a buyer says who he is.
    static func credentials(_ user: String) -> [(String, String)] {
        [("Authorization", "Bearer \(TestToken.hs256(TestToken.claims(user), secret: Array(secret.utf8)))")]
    }

    /// A command of the operator, from the host that everything is looked at from.
    func seckill(_ arguments: [String], input: String = "") async throws -> Subprocess.Outcome {
        try await ops.run([executable] + arguments, environment: environment, input: input)
    }

    // MARK: Its parts

    func edgeThatHolds() async throws -> Edge? {
        for edge in edges where try await edge.holdsAddress() { return edge }
        return nil
    }

    func redisPrimary() async -> RedisHost? {
        var votes: [String: Int] = [:]
        for host in redis { if let named = await host.named() { votes[named, default: 0] += 1 } }
        return votes.first { $0.value * 2 > redis.count }.flatMap { named in redis.first { $0.host.address == named.key } }
    }

    func postgresPrimary() async -> PostgresHost? {
        for host in postgres where await host.isA("primary") { return host }
        return nil
    }

    func postgresStandby() async -> PostgresHost? {
        for host in postgres where await host.isA("synchronous") { return host }
        return nil
    }

    // MARK: Its life

    /// - Parameters:
    ///   - executable: the `seckill` of all nodes.
    ///   - directory: empty, and the shop's alone.
    ///   - onFailure: may look at what is about to be closed.
    static func open(_ topology: Topology, executable: String, directory: String, _ onFailure: (Lab) -> Void) async throws -> Shop {
        let lab = try await Lab.make(topology: topology, directory: directory, clients: clients)
        do {
            return try await open(in: lab, executable: executable)
        } catch {
            onFailure(lab)
            await lab.shutDown()
            throw error
        }
    }

    private static let nodeCount = 2

    private static func open(in lab: Lab, executable: String) async throws -> Shop {
        let topology = lab.topology
        let ops = try await lab.host("ops")
        let key = try await ops.mustRun(["tsig-keygen", "seckill"])
        func give(_ host: Host, _ path: String, _ text: String) throws {
            let file = "\(host.etc)/\(path)"
            try FileManager.default.createDirectory(
                atPath: URL(filePath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        }
        try give(ops, "bind/seckill.key", key)
        let names = try Supervised(.init("named", on: ops, command: ["/usr/sbin/named", "-f", "-u", "bind", "-c", "/etc/bind/named.conf"]), on: ops)
        try await names.start()
        let etcd = try Supervised(
            .init("etcd", on: ops, command: ["/bin/sh", "-c", "set -a; . /etc/default/etcd; exec /usr/bin/etcd"]), on: ops)
        try await etcd.start()

        var redis: [RedisHost] = []
        for number in 1...3 { redis.append(try RedisHost(on: try await lab.host("redis\(number)"))) }
        for host in redis { try await host.start() }
        var postgres: [PostgresHost] = []
        for number in 1...2 { postgres.append(try PostgresHost(on: try await lab.host("pg\(number)"), topology: topology)) }
        try await postgres[0].start()
        let first = postgres[0]
        guard try await eventually(within: .seconds(30), { await first.isA("primary") }) else {
            throw SetupFailure("Patroni has no primary: \(first.patroni.lastWords)")
        }
        try await postgres[1].start()
        let second = postgres[1]
        guard try await eventually(within: .seconds(40), { await second.isA("synchronous") }) else {
            throw SetupFailure("Patroni has no synchronous standby: \(second.patroni.lastWords)")
        }

        let environment = storeSettings(topology)
        try await ops.mustRun([executable, "migrate"], environment: environment)

        let settings = environment.merging(nodeSettings(topology)) { $1 }
        var nodes: [ShopNode] = []
        for number in 1...nodeCount {
            let host = try await lab.host("app\(number)")
            try give(host, "seckill/jwt-secret", secret)
            try give(host, "seckill/dns.key", key)
            let own = [
                "SECKILL_BIND": "\(host.address):\(topology["NODE_PORT"])", "SECKILL_ADMIN_BIND": "\(host.address):\(topology["NODE_ADMIN_PORT"])",
            ]
            nodes.append(try ShopNode(on: host, environment: settings.merging(own) { $1 }, topology: topology))
        }
        for node in nodes { try await node.install(executable) }
        for node in nodes { try await node.start() }
        for node in nodes { try await node.waitUntilReady() }
        var edges: [Edge] = []
        for number in 1...2 { edges.append(try Edge(on: try await lab.host("edge\(number)"), topology: topology)) }
        for edge in edges { try await edge.start() }
        let shop = Shop(
            lab: lab, ops: ops, names: names, etcd: etcd, redis: redis, postgres: postgres, nodes: nodes, edges: edges, executable: executable,
            environment: environment)
        try await shop.heal()
        return shop
    }

    var hosts: [Host] { [ops] + redis.map(\.host) + postgres.map(\.host) + nodes.map(\.host) + edges.map(\.host) }

    /// What runs when all is well: first what nodes do not start without.
    var programs: [Supervised] { stores + nodes.map(\.service) + edges.flatMap { [$0.varnish, $0.haproxy, $0.keepalived] } }

    var stores: [Supervised] { [names, etcd] + redis.flatMap { [$0.sentinel, $0.redis] } + postgres.map(\.patroni) }

    /// A host loses its power: nobody hears of it any more, and nothing starts there again until it
    /// is healed.
    func powerOff(_ host: Host) async throws {
        for program in programs + edges.map(\.nginx) where program.host === host { program.abandon() }
        try await lab.cut(host)
        await host.killAll()
    }

    /// Does what the supervisors of all hosts do, while `body` runs.
    func supervised<Value: Sendable>(_ body: @Sendable (Shop) async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for program in programs + edges.map(\.nginx) { group.addTask { await program.supervise() } }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(self))
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            return try result.get()
        }
    }

    func close() async {
        await lab.shutDown()
    }

    private static func storeSettings(_ topology: Topology) -> [String: String] {
        let sentinels = (1...3).map { "\(topology["REDIS\($0)"]):\(topology["SENTINEL_PORT"])" }.joined(separator: ",")
        let hosts = (1...2).map { "\(topology["PG\($0)"]):\(topology["PG_PORT"])" }.joined(separator: ",")
        return [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            "SECKILL_REDIS_URL": "redis+sentinel://\(sentinels)/\(topology["REDIS_MASTER"])",
            "SECKILL_DATABASE_URL": "postgresql://seckill:change-me-seckill@\(hosts)/seckill",
        ]
    }

    /// As an operator sets them; but buyers come from few addresses here, and one core is all that
    /// a node gets.
    private static func nodeSettings(_ topology: Topology) -> [String: String] {
        [
            "SECKILL_AUTH": "jwt", "SECKILL_JWT_SECRET_FILE": "/etc/seckill/jwt-secret",
            "SECKILL_TRUSTED_PROXIES": "\(topology["EDGE1"]),\(topology["EDGE2"])", "SECKILL_LIMIT_PER_IP": "off", "SECKILL_LIMIT_PER_USER": "off",
            "SECKILL_EVENT_LOOPS": "1", "SECKILL_LOG_FORMAT": "json", "SECKILL_ACCESS_LOG": "all",
        ]
    }
}
