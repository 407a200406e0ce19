import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// Postgres is gone or hangs while the sale goes on. Redis grants as long as the promise can be
/// kept, and nothing is called committed that is not.
@Suite(.timeLimit(.minutes(4))) struct PostgresOutageTests {
    enum Outage: String, CaseIterable {
        /// Every process of the server stands still; its sockets stay open.
        case frozen
        /// The server is gone, and is started again on the same port and data.
        case killed
    }

    private static let units = 60
    private static let promise = Duration.milliseconds(600)

    /// What an outage does to the server.
    private actor Server {
        private let directory: String
        private var current: PrivatePostgres
        nonisolated let url: String

        init(_ directory: String) async throws {
            self.directory = directory
            current = try await PrivatePostgres.start(directory: directory, isDurable: false)
            url = current.url
        }

        func fail(_ outage: Outage) async {
            switch outage {
            case .frozen: current.freeze()
            case .killed: await current.kill()
            }
        }

        func heal(_ outage: Outage) async throws {
            switch outage {
            case .frozen: current.thaw()
            case .killed: current = try await PrivatePostgres.start(directory: directory, port: current.port, isDurable: false)
            }
        }

        func end() async {
            current.thaw()
            await current.kill()
        }
    }

    private func withServer(_ body: (Server) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let server = try await Server("\(directory.path)/postgres")
        do {
            try await body(server)
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    @Test(arguments: Outage.allCases)
    func buyersHearReservedThenOverloadedAndEveryOrderGetsItsVerdict(outage: Outage) async throws {
        try await withServer { server in
            try await withStores(databaseURL: server.url) { stores in
                let sale = try await stores.makeSale(stock: Int64(Self.units))
                try await withService(over: stores, ["SECKILL_COMMIT_WAIT": "600ms"]) { service in
                    try await service.sees(sale, "open")
                    var committed: Set<OrderID> = []
                    for user in 0..<5 {
                        let answer = try await service.buy(sale, as: "before-\(user)")
                        #expect(answer.status == 201, "\(answer.text)")
                        committed.insert(try #require(answer.id))
                    }

                    await server.fail(outage)
                    // Those who come within the promised wait are granted, wait as long as was
                    // promised, and hear that they are reserved.
                    let began = ContinuousClock.now
                    let first = try await buyAtOnce(8, "during", sale, service)
                    #expect(first.allSatisfy { $0.status == 202 && $0.header("Location") != nil }, "\(Set(first.map(\.text)).prefix(3))")
                    #expect(ContinuousClock.now - began >= Self.promise)
                    var reserved = Set(first.compactMap(\.id))
                    #expect(reserved.count == 8)

                    // Now one transaction has been under way for longer than was promised.
                    let refused = try await service.eventually {
                        let answer = try await service.buy(sale, as: "late-\(UInt64.random(in: .min ... .max))")
                        if answer.status == 202 { reserved.insert(try #require(answer.id)) }
                        #expect([202, 503].contains(answer.status), "\(answer.text)")
                        return answer
                    } until: {
                        $0.status == 503
                    }
                    #expect(refused.code == "overloaded" && refused.header("Retry-After") != nil, "\(refused.text)")
                    let before = try await stores.store.read(sale)?.items[SKU("phone-x")!]
                    #expect(before?.available == Int64(Self.units - 5 - reserved.count))
                    let others = try await buyAtOnce(50, "refused", sale, service)
                    #expect(others.allSatisfy { $0.status == 503 && $0.code == "overloaded" }, "\(Set(others.map(\.text)).prefix(3))")
                    #expect(try await stores.store.read(sale)?.items[SKU("phone-x")!] == before)
                    // What is reserved is not denied, whatever else is said of it.
                    let asked = try await service.send(.GET, "/v1/orders/\(try #require(first[0].id))", headers: [("X-User-Id", "during-0")])
                    #expect([200, 503].contains(asked.status), "\(asked.text)")

                    try await server.heal(outage)
                    for (index, answer) in first.enumerated() {
                        let order = try #require(answer.id)
                        let judged = try await service.eventually(for: .seconds(60)) {
                            try await service.send(.GET, "/v1/orders/\(order)", headers: [("X-User-Id", "during-\(index)")])
                        } until: {
                            $0.status == 200 && $0.json["state"] as? String != "reserved"
                        }
                        #expect(judged.json["state"] as? String == "awaiting_payment", "\(judged.text)")
                    }

                    // It sells the rest by itself, to the last unit.
                    var isSoldOut = false
                    var number = 0
                    while !isSoldOut {
                        number += 1
                        let answer = try await service.eventually(for: .seconds(60)) {
                            try await service.buy(sale, as: "after-\(number)")
                        } until: {
                            $0.status != 503
                        }
                        isSoldOut = answer.code == "sold_out"
                        if !isSoldOut { committed.insert(try #require(answer.id, "\(answer.text)")) }
                    }
                    try await eventually { try await stores.store.unitsInFlight(of: sale).isEmpty ? true : nil }
                    let rows = try await stores.orders(of: sale)
                    #expect(rows.count == Self.units)
                    #expect(Set(rows.map(\.id)) == committed.union(reserved))
                    #expect(rows.allSatisfy { $0.state == .awaitingPayment })
                    let audit = try await stores.operations.audit(sale)
                    #expect(audit.isSettled)
                    #expect(audit.breaches.isEmpty, "\(audit.breaches)")
                }
            }
        }
    }

    /// Nobody is told to wait for what does not come: an answer takes the promised wait, not the
    /// outage.
    @Test(arguments: Outage.allCases) func noBuyerWaitsForTheEndOfTheOutage(outage: Outage) async throws {
        try await withServer { server in
            try await withStores(databaseURL: server.url) { stores in
                let sale = try await stores.makeSale(stock: Int64(Self.units))
                try await withService(over: stores, ["SECKILL_COMMIT_WAIT": "600ms"]) { service in
                    try await service.sees(sale, "open")
                    await server.fail(outage)
                    for round in 0..<6 {
                        let began = ContinuousClock.now
                        let answers = try await buyAtOnce(10, "round-\(round)", sale, service)
                        #expect(answers.allSatisfy { [202, 503].contains($0.status) }, "\(Set(answers.map(\.text)).prefix(3))")
                        // Room for a machine that is busy with other tests.
                        #expect(ContinuousClock.now - began < .seconds(3))
                    }
                    try await server.heal(outage)
                    try await eventually(for: .seconds(60)) { try await stores.store.unitsInFlight(of: sale).isEmpty ? true : nil }
                    #expect(try await stores.operations.audit(sale).breaches.isEmpty)
                }
            }
        }
    }

    /// - Parameter count: at most as many as the client has connections at once (8) begin together.
    private func buyAtOnce(_ count: Int, _ name: String, _ sale: SaleID, _ service: ServiceUnderTest) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for number in 0..<count { group.addTask { (number, try await service.buy(sale, as: "\(name)-\(number)")) } }
            return try await group.reduce(into: [(Int, Answer)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
