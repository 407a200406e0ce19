import PostgresLedger
import SaleCore
import SaleService
import Simulation
import Testing

/// The Postgres of the simulation answers as the real one does, over hundreds of transactions that
/// a seed makes.
@Suite(.timeLimit(.minutes(5))) struct PostgresContractTests {
    @Test(arguments: [1, 2, 3, 4, 12_862_477_481_919_185_948, UInt64.random(in: .min ... .max)])
    func theSimulatedPostgresAnswersAsTheRealOneDoes(seed: UInt64) async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await ledger.catalog.migrate()
            var run = Run(seed: seed, ledger)
            try await run.createSale()
            for step in 0..<250 {
                let (name, isSame) = try await run.step()
                try #require(isSame, "seed \(seed), step \(step): \(name)")
            }
            let sale = LedgerUnderTest.sale
            #expect(try await ledger.catalog.sale(sale) == run.books.sales[sale], "seed \(seed)")
            #expect(try await ledger.catalog.auditFigures(of: sale) == run.books.auditFigures(of: sale), "seed \(seed)")
        }
    }

    /// One seed's transactions, made by both.
    private struct Run {
        private let ledger: LedgerUnderTest
        private let journal: PostgresJournal
        private let life: PostgresOrderLife
        private let orders: PostgresOrders
        private let operators: PostgresOperatorOrders
        private var random: SimulationRandom
        private(set) var books = PostgresBooks()
        private var sent: [Reservation] = []
        private var events: [PaymentEvent] = []

        private static let sale = LedgerUnderTest.sale
        private static let skus = [LedgerUnderTest.sku(0), LedgerUnderTest.sku(1)]

        init(seed: UInt64, _ ledger: LedgerUnderTest) {
            self.ledger = ledger
            journal = ledger.journal()
            life = PostgresOrderLife(address: ledger.address)
            orders = PostgresOrders(address: ledger.address)
            operators = PostgresOperatorOrders(sessions: PostgresSessions(address: ledger.address))
            random = SimulationRandom(seed: seed)
        }

        mutating func createSale() async throws {
            let changes: [SaleChange] =
                [.create(title: "Demo", opensAt: .init(milliseconds: 0), closesAt: .init(milliseconds: 1), payWithinMilliseconds: 900_000)]
                + Self.skus.enumerated().map { index, sku in
                    .addItem(sku, title: "Phone", unitPrice: 300, currency: Currency("CNY")!, stock: 6, limitPerUser: 1 + 2 * index)
                }
            try await ledger.make(changes)
            #expect(books.make(changes, to: Self.sale) == nil)
        }

        /// - Returns: what was asked, and whether both answered alike.
        mutating func step() async throws -> (String, Bool) {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<7: ("commit", try await commit())
            case 7: ("abandon", try await abandon())
            case 8..<10: ("cancel", try await cancel())
            case 10: ("operator's cancel", try await operatorCancel())
            case 11..<13: ("record", try await record())
            case 13: random.happens(700) ? ("refund", try await refund()) : ("orders", try await listOrders())
            case 14: ("expire", try await expire())
            case 15: ("verdict", try await verdict())
            case 16: random.happens(500) ? ("moves", try await moves()) : ("news", try await news())
            case 17: ("epoch", try await epoch())
            case 18: ("make", try await make())
            default: ("snapshot", try await snapshot())
            }
        }

        private var positions: (real: Int64?, model: Int64?)

        private mutating func news() async throws -> Bool {
            let asked = random.happens(200) ? [Self.sale] : []
            let (real, simulated) = (
                try await ledger.catalog.news(since: positions.real, and: asked), books.news(since: positions.model, and: asked)
            )
            positions = (real.position, simulated.position)
            // Transactions of other tests may hold the position back, so that what was told before
            // is told again.
            let isTold = simulated.sales.allSatisfy { real.sales.contains($0) }
            return isTold && real.sales.allSatisfy { $0 == books.sales[$0.id] } && real.isWhole == simulated.isWhole
        }

        private mutating func reservation() -> Reservation {
            if random.happens(200), !sent.isEmpty { return random.pick(sent) }
            // Some are long due, and the others will not be for years.
            let grantedAt = Timestamp(milliseconds: (random.happens(200) ? 1_600_000_000_000 : 4_000_000_000_000) + Int64(sent.count))
            let reservation = Reservation(
                ReservationRequest(order: OrderID(high: UInt64(grantedAt.milliseconds) << 16 | 0x7000, low: random.next()), purchase: purchase()),
                of: Self.sale, epoch: Epoch(max(0, (books.sales[Self.sale]?.epoch.number ?? 0) - Int64.random(in: 0...1, using: &random))),
                grantedAt: grantedAt)
            sent.append(reservation)
            return reservation
        }

        private mutating func purchase() -> Purchase {
            Purchase(
                user: UserID("u\(Int.random(in: 0..<7, using: &random))")!, sku: random.happens(30) ? SKU("unknown")! : random.pick(Self.skus),
                quantity: random.happens(700) ? 1 : Int.random(in: 1...3, using: &random),
                key: random.happens(400) ? IdempotencyKey("k\(Int.random(in: 0..<2, using: &random))") : nil)
        }

        private mutating func batch() -> [Reservation] {
            var batch: [Reservation] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let reservation = reservation()
                if !batch.contains(where: { $0.order == reservation.order }) { batch.append(reservation) }
            }
            // Of two orders that exclude each other, Postgres takes the one whose id is lower, and
            // ids rise with the grants.
            return batch.sorted { $0.order < $1.order }
        }

        private mutating func commit() async throws -> Bool {
            let batch = batch()
            return try await journal.commit(batch) == books.commit(batch)
        }

        private mutating func abandon() async throws -> Bool {
            let batch = batch()
            return try await journal.abandon(batch) == books.abandon(batch)
        }

        private mutating func cancel() async throws -> Bool {
            let reservation = reservation()
            let user = random.happens(100) ? UserID("somebody")! : reservation.user
            return try await life.cancel(reservation.order, by: user) == books.cancel(reservation.order, by: user)
        }

        private mutating func record() async throws -> Bool {
            let reservation = reservation()
            let event =
                if random.happens(150), !events.isEmpty { random.pick(events) } else {
                    PaymentEvent(
                        id: PaymentEventID("e\(Int.random(in: 0..<60, using: &random))")!, order: reservation.order,
                        outcome: random.pick(PaymentEvent.Outcome.allCases),
                        amount: random.happens(50) ? 1 : 300 * Int64(reservation.quantity), currency: Currency("CNY")!)
                }
            events.append(event)
            return try await life.record(event) == books.record(event)
        }

        private mutating func operatorCancel() async throws -> Bool {
            let reservation = reservation()
            return try await operators.cancel(reservation.order, dryRun: false, by: .test) == books.cancel(reservation.order)
        }

        private mutating func refund() async throws -> Bool {
            let due = books.orders(OrderFilter(isRefundDue: true), before: nil, countMax: 100)
            let order = due.isEmpty || random.happens(200) ? reservation().order : random.pick(due).id
            let surplus = books.order(order).map { books.surplus(of: $0) } ?? 300
            let refund = Refund(
                order: order, amount: random.happens(200) ? surplus + 300 : surplus, currency: random.happens(900) ? nil : Currency("EUR")!,
                reference: "r\(Int.random(in: 0..<3, using: &random))")
            return try await operators.record(refund, dryRun: false, by: .test) == books.record(refund)
        }

        private mutating func listOrders() async throws -> Bool {
            let all = books.orders(OrderFilter(), before: nil, countMax: 1_000)
            let instant: Timestamp? = all.isEmpty || random.happens(500) ? nil : random.pick(all).createdAt
            let filter = OrderFilter(
                sale: random.happens(500) ? Self.sale : random.happens(100) ? SaleID("other")! : nil,
                user: random.happens(300) ? UserID("u\(Int.random(in: 0..<7, using: &random))")! : nil,
                states: Set(OrderState.allCases.filter { _ in random.happens(300) }), isRefundDue: random.happens(200),
                since: random.happens(500) ? instant : nil, until: random.happens(500) ? instant : nil)
            let cursor = all.isEmpty || random.happens(500) ? nil : random.pick(all).id
            let countMax = Int.random(in: 1...20, using: &random)
            return try await ledger.catalog.orders(filter, before: cursor, countMax: countMax)
                == books.orders(filter, before: cursor, countMax: countMax)
        }

        private mutating func expire() async throws -> Bool {
            let countMax = Int.random(in: 1...3, using: &random)
            let now = Timestamp(milliseconds: 2_000_000_000_000)
            return try await life.expire(countMax: countMax) == books.expire(countMax: countMax, at: now)
        }

        private mutating func verdict() async throws -> Bool {
            let reservation = reservation()
            let verdict = try await orders.verdict(on: reservation.order)
            let order = try await orders.order(reservation.order)
            let own = try await orders.orders(of: reservation.user, before: nil, countMax: 5)
            return verdict == books.verdict(on: reservation.order) && order == books.order(reservation.order)
                && own == books.orders(of: reservation.user, before: nil, countMax: 5)
        }

        private mutating func moves() async throws -> Bool {
            let moves = try await life.pendingMoves(besides: [], countMax: 7)
            guard moves == books.pendingMoves(besides: [], countMax: 7) else { return false }
            let known = Array(moves.prefix(Int.random(in: 0...7, using: &random)))
            let epoch = Epoch((books.sales[Self.sale]?.epoch.number ?? 0) - (random.happens(300) ? 1 : 0))
            guard try await life.forget(known, of: Self.sale, epoch: epoch) == books.forget(known, of: Self.sale, epoch: epoch) else { return false }
            return try await ledger.catalog.pendingMoves(of: Self.sale) == books.movesOfSale(Self.sale)
        }

        private mutating func epoch() async throws -> Bool {
            if random.happens(500) { return try await ledger.catalog.beginEpoch(of: Self.sale) == books.beginEpoch(of: Self.sale) }
            let epoch = Epoch((books.sales[Self.sale]?.epoch.number ?? 0) - (random.happens(300) ? 1 : 0))
            return try await ledger.catalog.proveEpoch(epoch, of: Self.sale, run: "run") == books.proveEpoch(epoch, of: Self.sale, run: "run")
        }

        private mutating func make() async throws -> Bool {
            let sku = random.pick(Self.skus)
            let loaded = books.sales[Self.sale]?.items.first { $0.sku == sku }?.loaded ?? 0
            let from = random.happens(100) ? loaded + 1 : loaded
            let change = SaleChange.moveStock(sku, from: from, to: max(0, loaded + Int64.random(in: -2...3, using: &random)))
            let isMade: Bool
            do throws(LedgerChangeError) {
                try await ledger.catalog.make([change], to: Self.sale, by: .test)
                isMade = true
            } catch {
                isMade = false
            }
            return isMade == (books.make([change], to: Self.sale) == nil)
        }

        private mutating func snapshot() async throws -> Bool {
            let entries = Entries()
            let sale = try await ledger.catalog.rebuildSnapshot(of: Self.sale) { await entries.add($0) }
            let told = await entries.all.sorted { $0.order < $1.order }
            return sale == books.sales[Self.sale] && told == books.rebuildEntries(of: Self.sale)
        }
    }

    private actor Entries {
        private(set) var all: [RebuildEntry] = []
        func add(_ page: [RebuildEntry]) { all += page }
    }
}
