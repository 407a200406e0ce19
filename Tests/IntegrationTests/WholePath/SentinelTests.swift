import Foundation
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// A primary, a replica and three Sentinels, all real.
@Suite(.timeLimit(.minutes(3))) struct SentinelTests {
    private struct Group {
        let primary: PrivateRedis
        let replica: PrivateRedis
        let sentinels: [RunningCommand]
        let url: String
    }

    private func withGroup<Value>(_ body: (Group) async throws -> Value) async throws -> Value {
        try await withOwnRedis { primary, _ in
            try await withOwnRedis { replica, directory in
                try await replica.command("REPLICAOF 127.0.0.1 \(primary.port)")
                var sentinels: [RunningCommand] = []
                var ports: [Int] = []
                defer { sentinels.forEach { $0.signal(SIGKILL) } }
                for number in 0..<3 {
                    let port = try LocalPort.free()
                    let file = "\(directory)/sentinel-\(number).conf"
                    try """
                    port \(port)
                    bind 127.0.0.1
                    dir \(directory)
                    sentinel monitor shop 127.0.0.1 \(primary.port) 2
                    sentinel down-after-milliseconds shop 1000
                    sentinel failover-timeout shop 5000
                    """.write(toFile: file, atomically: true, encoding: .utf8)
                    sentinels.append(try RunningCommand("/usr/bin/redis-server", [file, "--sentinel"], environment: [:]))
                    ports.append(port)
                }
                for port in ports {
                    // Each Sentinel knows the replica and the two others: it can hold an election.
                    try await eventually {
                        let info = await answer(port, "INFO sentinel\r\n")
                        return info.contains("slaves=1") && info.contains("sentinels=3") ? true : nil
                    }
                }
                return try await body(
                    Group(
                        primary: primary, replica: replica, sentinels: sentinels,
                        url: "redis+sentinel://\(ports.map { "127.0.0.1:\($0)" }.joined(separator: ","))/shop"))
            }
        }
    }

    private func answer(_ port: Int, _ request: String) async -> String {
        await Task { LocalPort.ask(port, request) ?? "" }.value
    }

    /// Where no majority of the Sentinels can be asked, this Redis may have a successor already: an
    /// operator's command does not contend with it either.
    @Test func noCommandRebuildsARedisThatNoMajorityNames() async throws {
        try await withGroup { group in
            try await withStores(redisURL: group.url) { stores in
                let sale = try await stores.makeSale(stock: 20)
                let before = try await stores.ledger.sale(sale)
                try await group.primary.command("FLUSHALL")
                for sentinel in group.sentinels.prefix(2) { sentinel.signal(SIGKILL) }
                let refusal = "no majority of the Sentinels names it the primary"
                let attribution = Attribution(actor: "test", command: "test")
                let phone = SKU("phone-x")!

                let repair = await #expect(throws: OperatorCommandError.self) { try await stores.operations.repair(sale, lost: .kept, by: .test) }
                guard case .redis(.notSent(let reason)) = repair else {
                    Issue.record("\(String(describing: repair))")
                    return
                }
                #expect(reason.contains(refusal))
                // Units that are taken off sale.
                let fewer = await #expect(throws: OperatorCommandError.self) {
                    try await stores.operations.addStock(-1, of: phone, in: sale, dryRun: false, by: attribution)
                }
                #expect("\(String(describing: fewer))".contains(refusal))
                #expect(try await stores.ledger.sale(sale) == before)
                // A change that Postgres keeps, and that Redis is not told of.
                let more = await #expect(throws: OperatorCommandError.self) {
                    try await stores.operations.addStock(1, of: phone, in: sale, dryRun: false, by: attribution)
                }
                guard case .redisIsBehind(let reason) = more else {
                    Issue.record("\(String(describing: more))")
                    return
                }
                #expect(reason.contains(refusal))
                #expect(try await stores.ledger.sale(sale)?.items[0].loaded == 21)

                // No epoch began, and nothing was written into that Redis.
                #expect(try await stores.ledger.sale(sale)?.epoch == before?.epoch)
                #expect(try await stores.store.read(sale) == nil)
            }
        }
    }

    @Test func noCommandRebuildsAReplica() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 20)
                let before = try await stores.ledger.sale(sale)
                try await redis.command("REPLICAOF 127.0.0.1 1")
                let error = await #expect(throws: OperatorCommandError.self) { try await stores.operations.repair(sale, lost: .kept, by: .test) }
                #expect("\(String(describing: error))".contains("it is a replica"), "\(String(describing: error))")
                #expect(try await stores.ledger.sale(sale) == before)
                try await redis.command("REPLICAOF NO ONE")
                try await stores.operations.repair(sale, lost: .kept, by: .test)
                #expect(try await stores.operations.audit(sale).breaches.isEmpty)
            }
        }
    }

    @Test func afterAFailoverTheSaleIsRebuiltOnTheNewPrimaryAndSellsOutExactly() async throws {
        try await withGroup { group in
            try await withStores(redisURL: group.url) { stores in
                let sale = try await stores.makeSale(stock: 20)
                try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    var committed: Set<OrderID> = []
                    for user in 0..<40 {
                        if user == 8 { await group.primary.kill() }
                        let answer = try await service.eventually(for: .seconds(60)) {
                            try await service.buy(sale, as: "user-\(user)")
                        } until: {
                            $0.code != "recovering"
                        }
                        if answer.status == 201 { committed.insert(try #require(answer.id)) }
                    }
                    #expect(committed.count == 20)
                    #expect(Set(try await stores.orders(of: sale).map(\.id)) == committed)
                    // The operator's own connection may still be on its way to the new primary.
                    let audit = try await eventually { try? await stores.operations.audit(sale) }
                    #expect(audit.breaches.isEmpty)
                    let epoch = try await stores.ledger.sale(sale)?.epoch
                    #expect(epoch == 2)
                }
            }
        }
    }
}
