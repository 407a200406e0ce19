import NIOHTTP1
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// A sale of N units sells exactly N.
@Suite(.timeLimit(.minutes(4))) struct SellOutTests {
    private static let units = 300
    private static let users = 3_000
    private static let connections = 200

    /// Every user buys once, one in ten five times at once; `connections` at a time; spread over
    /// the services.
    private func rush(_ services: [ServiceUnderTest], _ sale: SaleID) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: [Answer].self) { group in
            for worker in 0..<Self.connections {
                group.addTask {
                    var answers: [Answer] = []
                    for user in stride(from: worker, to: Self.users, by: Self.connections) {
                        let service = services[user % services.count]
                        guard user % 10 == 0 else {
                            answers.append(try await service.buy(sale, as: "user-\(user)"))
                            continue
                        }
                        answers += try await withThrowingTaskGroup(of: Answer.self) { parallel in
                            for copy in 0..<5 {
                                let service = services[(user + copy) % services.count]
                                parallel.addTask { try await service.buy(sale, as: "user-\(user)") }
                            }
                            return try await parallel.reduce(into: []) { $0.append($1) }
                        }
                    }
                    return answers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func expectExactly(_ answers: [Answer], _ stores: StoresUnderTest, _ sale: SaleID) async throws {
        let committed = answers.filter { $0.status == 201 }
        #expect(committed.count == Self.units)
        #expect(Set(committed.compactMap(\.id)).count == Self.units)
        let others = answers.filter { $0.status != 201 }
        #expect(others.allSatisfy { $0.code == "sold_out" || $0.code == "limit_reached" }, "\(Set(others.map { $0.code ?? $0.text }))")
        let rows = try await stores.orders(of: sale)
        #expect(Set(rows.map(\.id)) == Set(committed.compactMap(\.id)))
        #expect(Set(rows.map(\.user)).count == Self.units)
        let audit = try await stores.operations.audit(sale)
        #expect(audit.isSettled)
        #expect(audit.breaches.isEmpty)
    }

    @Test func oneServiceSellsEveryUnitOnceToWhoeverComes() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: Int64(Self.units))
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                try await expectExactly(try await rush([service], sale), stores, sale)
            }
        }
    }

    @Test func twoServicesOnTheSameStoresSellEveryUnitOnce() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: Int64(Self.units))
            try await withService(over: stores) { first in
                try await withService(over: stores) { second in
                    try await first.sees(sale, "open")
                    try await second.sees(sale, "open")
                    try await expectExactly(try await rush([first, second], sale), stores, sale)
                }
            }
        }
    }

    @Test func stockThatIsAddedIsSoldWithinASecondOrSo() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 1)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                _ = try await service.buy(sale, as: "ann")
                #expect(try await service.buy(sale, as: "bob").code == "sold_out")
                _ = try await stores.operations.addStock(
                    1, of: SKU("phone-x")!, in: sale, dryRun: false, by: Attribution(actor: "test", command: "add"))
                _ = try await service.eventually {
                    try await service.buy(sale, as: "bob")
                } until: {
                    $0.status == 201
                }
                #expect(try await service.buy(sale, as: "cat").code == "sold_out")
            }
        }
    }

    @Test func aWipedRedisSellsNothingTwiceAndLeavesNothingUnsold() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 50)
                try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    var committed: Set<OrderID> = []
                    for user in 0..<120 {
                        if user == 20 || user == 60 { try await redis.command("FLUSHALL") }
                        let answer = try await service.eventually {
                            try await service.buy(sale, as: "user-\(user)")
                        } until: {
                            $0.code != "recovering"
                        }
                        if answer.status == 201 { committed.insert(try #require(answer.id)) }
                    }
                    #expect(committed.count == 50)
                    #expect(Set(try await stores.orders(of: sale).map(\.id)) == committed)
                    let breaches = try await stores.operations.audit(sale).breaches
                    #expect(breaches.isEmpty, "\(breaches)")
                }
            }
        }
    }
}
