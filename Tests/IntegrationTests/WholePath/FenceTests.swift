import Foundation
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// A Redis that may have forgotten or relived something sells nothing before its numbers are proven
/// again.
@Suite(.timeLimit(.minutes(3))) struct FenceTests {
    private static let units = 12
    private static let buyers = 30

    /// One buyer after the other; `interrupt` runs before the fifth and the ninth. Exactly the
    /// units are sold, each once, and the books balance.
    private func sellsOutExactly(
        _ stores: StoresUnderTest, _ interrupt: @Sendable (_ time: Int) async throws -> Void
    ) async throws {
        let sale = try await stores.makeSale(stock: Int64(Self.units))
        let committed = try await withService(over: stores) { service in
            try await service.sees(sale, "open")
            var committed: Set<OrderID> = []
            for user in 0..<Self.buyers {
                if user == 4 || user == 8 { try await interrupt(user / 4 - 1) }
                let answer = try await service.eventually(for: .seconds(30)) {
                    try await service.buy(sale, as: "user-\(user)")
                } until: {
                    $0.code != "recovering"
                }
                if answer.status == 201 {
                    committed.insert(try #require(answer.id))
                } else {
                    #expect(answer.code == "sold_out", "\(answer.text)")
                }
            }
            return committed
        }
        #expect(committed.count == Self.units)
        #expect(Set(try await stores.orders(of: sale).map(\.id)) == committed)
        #expect(try await stores.operations.audit(sale).breaches.isEmpty)
    }

    /// Whoever heard 201 before Postgres failed over to a standby that had not received the order.
    @Test func unitsOfOrdersThatPostgresHasLostAreSoldToNobodyElseWhoeverRebuilds() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 3)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                for user in ["ann", "bob"] { #expect(try await service.buy(sale, as: user).status == 201) }
                try await eventually { try await stores.store.unitsInFlight(of: sale).isEmpty ? true : nil }
                let lost = try await LedgerUnderTest(url: stores.databaseURL).lines(
                    "WITH lost AS (DELETE FROM orders RETURNING id), stock AS (UPDATE stock SET committed = 0) SELECT id::text FROM lost")
                _ = try await stores.ledger.beginEpoch(of: sale)
                // Until then a node that has not noticed sells from what Redis counts.
                try await eventually { try await stores.ledger.sale(sale)?.provenRun.isEmpty == false ? true : nil }
                let answers = try await [
                    service.eventually(for: .seconds(30)) {
                        try await service.buy(sale, as: "cid")
                    } until: {
                        $0.code != "recovering"
                    },
                    service.buy(sale, as: "dan"),
                ]
                #expect(answers.map(\.status) == [201, 409] && answers[1].code == "sold_out")
                let surplus = try await stores.operations.drift(of: sale).flatMap(\.surplusOrders)
                #expect(Set(surplus.map { "\($0.held.order)" }) == Set(lost) && surplus.allSatisfy { !$0.isRecorded })
            }
        }
    }

    @Test func aRestartFromAnOlderCopySellsNoUnitTwice() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let running = RestartableRedis(try await PrivateRedis.start(directory: "\(directory.path)/redis"), directory: "\(directory.path)/redis")
        try await withStores(redis: await running.current) { stores in
            try await sellsOutExactly(stores) { time in
                if time == 0 { return try await running.copy() }
                try await running.restartFromCopy()
            }
        }
        await running.current.kill()
    }

    @Test func aPrimaryThatWasAReplicaMeanwhileIsNotTheSameAlthoughItsProcessIs() async throws {
        try await withOwnRedis { redis, _ in
            try await withOwnRedis { other, _ in
                try await withStores(redis: redis) { stores in
                    try await sellsOutExactly(stores) { time in
                        if time == 0 {
                            // The other one keeps what was true here.
                            try await other.command("REPLICAOF 127.0.0.1 \(redis.port)")
                            try await eventually {
                                LocalPort.ask(other.port, "INFO replication\r\n")?.contains("master_link_status:up") == true ? true : nil
                            }
                            try await other.command("REPLICAOF NO ONE")
                        } else {
                            try await redis.command("REPLICAOF 127.0.0.1 \(other.port)")
                            try await eventually {
                                LocalPort.ask(redis.port, "INFO replication\r\n")?.contains("master_link_status:up") == true ? true : nil
                            }
                            try await redis.command("REPLICAOF NO ONE")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: ["FLUSHALL", "SCRIPT FLUSH", "CLIENT KILL TYPE normal"])
    func whatIsThrownAwayComesBack(command: String) async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                try await sellsOutExactly(stores) { _ in try await redis.command(command) }
            }
        }
    }

    @Test func aRedisThatTakesNoWritesSellsAgainOnceItDoes() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 2)
                try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    #expect(try await service.buy(sale, as: "ann").status == 201)
                    try await redis.command("CONFIG SET maxmemory 1")
                    #expect(try await service.buy(sale, as: "bob").code == "recovering")
                    try await redis.command("CONFIG SET maxmemory 0")
                    _ = try await service.eventually {
                        try await service.buy(sale, as: "bob")
                    } until: {
                        $0.status == 201
                    }
                    #expect(try await stores.operations.audit(sale).breaches.isEmpty)
                }
            }
        }
    }
}

/// A Redis that can be set back to an older state of its files.
private actor RestartableRedis {
    private(set) var current: PrivateRedis
    private let directory: String
    private let port: Int

    init(_ redis: PrivateRedis, directory: String) {
        current = redis
        self.directory = directory
        port = redis.port
    }

    private var appendOnlyFiles: String { directory + "/appendonlydir" }

    func copy() throws {
        try FileManager.default.copyItem(atPath: appendOnlyFiles, toPath: directory + "-copy")
    }

    func restartFromCopy() async throws {
        await current.kill()
        try FileManager.default.removeItem(atPath: appendOnlyFiles)
        try FileManager.default.moveItem(atPath: directory + "-copy", toPath: appendOnlyFiles)
        current = try await PrivateRedis.start(directory: directory, port: port)
    }
}
