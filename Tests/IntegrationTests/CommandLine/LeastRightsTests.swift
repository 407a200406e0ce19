import Foundation
import PostgresLedger
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

/// The rights that `docs/operate.md` tells operators to grant, word by word, on real servers.
@Suite(.timeLimit(.minutes(3))) struct LeastRightsTests {
    private static let manual = URL(filePath: #filePath).appending(path: "../../../../docs/operate.md").standardized

    /// The lines of the manual that begin with one of `words`, with the secret and the role filled
    /// in: roles belong to all databases of a server.
    private func grants(_ words: String..., role: String) throws -> [String] {
        try String(contentsOf: Self.manual, encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { line in words.contains { line.hasPrefix($0 + " ") } }
            .map { $0.replacing("SECRET", with: "hush").replacing("seckill_service", with: role) }
    }

    @Test func whatTheManualGrantsSuffices() async throws {
        let role = "service_\(UInt32.random(in: .min ... .max))"
        let (sql, acl) = (try grants("CREATE ROLE", "GRANT", role: role), try grants("ACL", role: role))
        try #require(sql.count == 5 && acl.count == 1)
        try await withOwnRedis { redis, _ in
            try await redis.command(acl[0])
            try await withPostgres { owner in
                let ledger = try LedgerUnderTest(url: owner)
                try await ledger.catalog.migrate()
                try await ledger.session.script(sql.joined(separator: "\n"))
                var url = try #require(URLComponents(string: owner))
                (url.user, url.password) = (role, "hush")
                let databaseURL = try #require(url.string)
                let redisURL = redis.url.replacing("redis://", with: "redis://seckill:hush@")
                let settings = try Settings.load(
                    environment: ["SECKILL_REDIS_URL": redisURL, "SECKILL_DATABASE_URL": databaseURL], overrides: [:])
                let session = try await OperatorSession.open(settings: settings, logger: .quiet)
                try await lives(
                    StoresUnderTest(
                        redisURL: redisURL, databaseURL: databaseURL, operations: session.operations, ledger: session.ledger, store: session.store,
                        reader: session.reader))
                await session.close()
                // The trail is not theirs to change.
                let intruder = try LedgerUnderTest(url: databaseURL)
                await #expect(throws: JournalError.self) { try await intruder.session.script("DELETE FROM operator_audit") }
            }
        }
    }

    /// A sale from its making to its end, with a rebuild, through the service and the operator's
    /// commands.
    private func lives(_ stores: StoresUnderTest) async throws {
        let sale = try await stores.makeSale(stock: 6, limitPerUser: 2)
        let phone = SKU("phone-x")!
        let orders = try await withService(over: stores) { service in
            try await service.sees(sale, "open")
            var orders: [OrderID] = []
            for user in ["ann", "bob", "cid"] {
                let answer = try await service.buy(sale, as: user, headers: [("Idempotency-Key", "key-\(user)")])
                #expect(answer.status == 201, "\(answer.text)")
                orders.append(try #require(answer.id))
            }
            try await stores.operations.repair(sale, lost: .kept, by: .test)
            let again = try await service.eventually(for: .seconds(30)) {
                try await service.buy(sale, as: "dan")
            } until: {
                $0.code != "recovering"
            }
            #expect(again.status == 201, "\(again.text)")
            return orders
        }
        let life = PostgresOrderLife(address: try PostgresAddress(stores.databaseURL))
        guard case .cancelled = try await life.cancel(orders[0], by: UserID("ann")!) else { throw NotDone(what: "cancel") }
        let event = PaymentEvent(
            id: PaymentEventID("e-1")!, order: orders[1], outcome: .succeeded, amount: 399_900, currency: Currency("CNY")!)
        guard case .recorded = try await life.record(event) else { throw NotDone(what: "payment") }
        #expect(try await life.expire(countMax: 10) == 0)
        try await isServed(orders, by: life, stores)

        _ = try await stores.operations.addStock(3, of: phone, in: sale, dryRun: false, by: .test)
        _ = try await stores.operations.addStock(-1, of: phone, in: sale, dryRun: false, by: .test)
        let definition = SaleDefinition.Item(sku: "case", title: "Case", unitPrice: 1, currency: "CNY", stock: 5, limitPerUser: 1)
        for limit in [1, 2] {
            var item = definition
            item.limitPerUser = limit
            _ = try await stores.operations.load([item], into: sale, dryRun: false, by: .test)
        }
        for status in [SaleStatus.paused, .open] { _ = try await stores.operations.setStatus(status, of: sale, dryRun: false, by: .test) }
        #expect(try await stores.operations.sales().count == 1)
        #expect(try await stores.orders(of: sale).count == 4)
        try await withService(over: stores) { service in
            try await service.sees(sale, "open")
            try await eventually { try await stores.ledger.pendingMoves(of: sale).isEmpty ? true : nil }
        }
        #expect(try await stores.operations.audit(sale).breaches.isEmpty)
        _ = try await stores.operations.setStatus(.closed, of: sale, dryRun: false, by: .test)
    }

    /// What operators do to orders: the first one is cancelled, and is paid too late.
    private func isServed(_ orders: [OrderID], by life: PostgresOrderLife, _ stores: StoresUnderTest) async throws {
        let late = PaymentEvent(id: PaymentEventID("e-2")!, order: orders[0], outcome: .succeeded, amount: 399_900, currency: Currency("CNY")!)
        guard case .recorded = try await life.record(late) else { throw NotDone(what: "late payment") }
        let sessions = PostgresSessions(address: try PostgresAddress(stores.databaseURL))
        let operators = PostgresOperatorOrders(sessions: sessions)
        let refund = Refund(order: orders[0], amount: 399_900, reference: "tx-1")
        guard case .refunded = try await operators.record(refund, dryRun: false, by: .test) else { throw NotDone(what: "refund") }
        guard case .cancelled = try await operators.cancel(orders[2], dryRun: false, by: .test) else { throw NotDone(what: "operator's cancel") }
        let books = PostgresOrderBooks(sessions: sessions)
        #expect(try await books.record(of: orders[0])?.balance == 0)
        #expect(try await books.audit(AuditFilter(), before: nil, countMax: 2).compactMap(\.order) == [orders[2], orders[0]])
    }

    struct NotDone: Error {
        let what: String
    }
}
