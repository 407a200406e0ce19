import PostgresLedger
import SaleCore
import SaleService
import Testing

/// What a synchronous standby may lack is not told of, by whatever port it is read. The standby is
/// away in all of it.
@Suite(.timeLimit(.minutes(4))) struct ConfirmationTests {
    private static let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

    /// An order that is committed on the primary alone: its COMMIT was waiting when the server went
    /// down.
    private func withUnconfirmedOrder(_ body: (ReplicaPair, LedgerUnderTest, Reservation) async throws -> Void) async throws {
        try await withReplicas { pair in
            let ledger = try LedgerUnderTest(url: pair.primaryURL)
            try await ledger.load(stock: [9])
            await pair.stopStandby()
            let order = reservation(1, user: "ann", key: "k")
            async let lost = try? ledger.journal().commit([order])
            try await ledger.wait(until: "SELECT (\(Self.waiting)) = 1")
            await pair.stopPrimary(by: .crash)
            #expect(await lost == nil)
            try await pair.startPrimary()
            #expect(try await ledger.number("SELECT count(*) FROM orders") == 1)
            try await body(pair, ledger, order)
        }
    }

    private func isUnavailable<Value>(_ what: String, _ body: () async throws -> Value) async {
        do {
            let value = try await body()
            Issue.record("\(what): \(value)")
        } catch {
            guard case JournalError.unavailable = error else {
                Issue.record("\(what): \(error)")
                return
            }
        }
    }

    @Test func nothingThatIsReadIsToldBeforeTheStandbyHasIt() async throws {
        try await withUnconfirmedOrder { pair, ledger, order in
            let sessions = PostgresSessions(address: ledger.address)
            let (orders, catalog) = (PostgresOrders(sessions: sessions), PostgresCatalog(sessions: sessions))
            let ann = UserID("ann")!
            await isUnavailable("commit") { try await sessions.journals[0].commit([order]) }
            await isUnavailable("abandon") { try await sessions.recoveryJournal.abandon([order]) }
            await isUnavailable("order") { try await orders.order(order.order) }
            await isUnavailable("verdict") { try await orders.verdict(on: order.order) }
            await isUnavailable("orders of user") { try await orders.orders(of: ann, before: nil, countMax: 9) }
            await isUnavailable("orders of sale") {
                try await catalog.orders(OrderFilter(sale: LedgerUnderTest.sale), before: nil, countMax: 9)
            }
            await isUnavailable("rebuild") { try await catalog.rebuildSnapshot(of: LedgerUnderTest.sale) { _ in } }
            // What is not there was not seen.
            #expect(try await orders.order(reservation(2).order) == nil)

            try await pair.startStandby()
            let verdicts = try await eventually(for: .seconds(30)) { try? await sessions.journals[0].commit([order]) }
            #expect(verdicts.committedCount == 1)
            #expect(try await orders.order(order.order)?.state == .awaitingPayment)
            #expect(try await ledger.committed() == [1])
        }
    }

    @Test func anEventOrACancelThatIsRepeatedWaitsToo() async throws {
        try await withReplicas { pair in
            let ledger = try LedgerUnderTest(url: pair.primaryURL)
            try await ledger.load(stock: [9])
            let (ann, bob) = (reservation(1, user: "ann"), reservation(2, user: "bob"))
            _ = try await ledger.journal().commit([ann, bob])
            await pair.stopStandby()
            let event = PaymentEvent(
                id: PaymentEventID("e-1")!, order: ann.order, outcome: .succeeded, amount: 399_900, currency: Currency("CNY")!)
            let life = PostgresOrderLife(address: ledger.address)
            async let paid = try? life.record(event)
            async let cancelled = try? life.cancel(bob.order, by: bob.user)
            try await ledger.wait(until: "SELECT (\(Self.waiting)) = 2")
            await pair.stopPrimary(by: .crash)
            #expect(await paid == nil)
            #expect(await cancelled == nil)
            try await pair.startPrimary()
            #expect(try await ledger.lines("SELECT state FROM orders ORDER BY id") == ["paid", "cancelled"])

            do {
                let outcome = try await life.record(event)
                Issue.record("\(outcome)")
            } catch {}
            await isUnavailable("cancel") { try await life.cancel(bob.order, by: bob.user) }
            await isUnavailable("moves") { try await life.pendingMoves(besides: [], countMax: 9) }
            try await pair.name(standby: "")
            guard case .recorded = try await life.record(event), case .cancelled = try await life.cancel(bob.order, by: bob.user) else {
                Issue.record("the names are cleared, and still nothing is told")
                return
            }
        }
    }

    /// Somebody ends the wait: Postgres then answers COMMIT as if nothing had been, with a warning
    /// beside it.
    @Test func aWaitThatSomebodyEndsIsNoConfirmation() async throws {
        try await withReplicas { pair in
            let ledger = try LedgerUnderTest(url: pair.primaryURL)
            try await ledger.load(stock: [9])
            await pair.stopStandby()
            async let verdicts = try? ledger.journal().commit([reservation(1)])
            try await ledger.wait(until: "SELECT (\(Self.waiting)) = 1")
            try await ledger.session.script("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            #expect(await verdicts == nil)
            #expect(try await ledger.number("SELECT count(*) FROM orders") == 1)
        }
    }

    /// Whoever waits for a standby that is away holds no session of those that others need, and
    /// leaves none behind.
    @Test func manyWhoAskAreOneSessionThatWaits() async throws {
        try await withUnconfirmedOrder { pair, ledger, order in
            let sessions = PostgresSessions(address: ledger.address)
            let orders = PostgresOrders(sessions: sessions)
            let told = await withTaskGroup(of: Int.self) { group in
                for _ in 1...50 { group.addTask { (try? await orders.order(order.order)) == nil ? 0 : 1 } }
                return await group.reduce(0, +)
            }
            #expect(told == 0)
            #expect(try await ledger.number(Self.waiting) <= 1)
            // The session that gave up has ended what it waited for.
            for _ in 1...2 { await isUnavailable("commit") { try await sessions.journals[0].commit([order]) } }
            #expect(try await ledger.number(Self.waiting) <= 1)
            try await pair.startStandby()
            _ = try await eventually(for: .seconds(30)) { try? await orders.order(order.order) }
        }
    }
}
