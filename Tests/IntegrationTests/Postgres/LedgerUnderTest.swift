import PostgresLedger
import SaleCore
import SaleService

/// A fresh database with the schema and one open sale.
struct LedgerUnderTest {
    static let sale = SaleID("demo")!
    static let phone = SKU("phone-x")!
    static let payWithin: Int64 = 900_000

    let address: PostgresAddress
    let catalog: PostgresCatalog
    /// For looking at what is there.
    let session: PostgresSession

    init(url: String) throws {
        self.init(address: try PostgresAddress(url))
    }

    init(address: PostgresAddress, profile: SessionProfile = .catalog) {
        self.address = address
        catalog = PostgresCatalog(address: address)
        session = PostgresSession(address: address, profile: profile)
    }

    func journal(_ profile: SessionProfile = .journal) -> PostgresJournal { PostgresJournal(address: address, profile: profile) }

    /// The schema, the sale, and one item per stock: `phone-x`, then `phone-1`, `phone-2`…
    func load(stock: [Int64], limit: Int = 1) async throws {
        try await catalog.migrate()
        let items = stock.enumerated().map { index, units in
            SaleChange.addItem(
                Self.sku(index), title: "Phone", unitPrice: 399_900, currency: Currency("CNY")!, stock: units, limitPerUser: limit)
        }
        try await make(
            [.create(title: "Demo", opensAt: .init(milliseconds: 0), closesAt: .init(milliseconds: 1), payWithinMilliseconds: Self.payWithin)] + items
        )
    }

    static func sku(_ index: Int) -> SKU { index == 0 ? phone : SKU("phone-\(index)")! }

    func make(_ changes: [SaleChange]) async throws {
        try await catalog.make(changes, to: Self.sale, by: .test)
    }

    func number(_ sql: String) async throws -> Int64 {
        try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.query(Self.statement("SELECT (\(sql))::bigint")) { $0.int64(0, 0) }
        }
    }

    func lines(_ sql: String) async throws -> [String] {
        try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.query(Self.statement(sql)) { result in (0..<result.rowCount).map { result.text($0, 0) } }
        }
    }

    /// Postgres tells statements apart by the first 63 bytes of their names.
    private static func statement(_ sql: String) -> Statement { Statement("test \(sql.hashValue)", sql) }

    /// Units by the counter, by the orders and by the ledger: all the same, or the books are wrong.
    func committed(_ sku: SKU = phone) async throws -> Set<Int64> {
        [
            try await number("SELECT committed FROM stock WHERE sku = '\(sku)'"),
            try await number(
                "SELECT coalesce(sum(quantity), 0) FROM orders WHERE sku = '\(sku)' AND state IN ('awaiting_payment', 'paid')"),
            try await number("SELECT coalesce(sum(committed), 0) FROM stock_ledger WHERE sku = '\(sku)'"),
        ]
    }

    static let somebodyWaitsForALock = """
        SELECT EXISTS (
            SELECT FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted)
        """

    static let somebodyHoldsALock = """
        SELECT EXISTS (
            SELECT FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database() AND locktype = 'advisory' AND granted)
        """

    /// Waits until `sql` is true, for as long as the test may last.
    func wait(until sql: String) async throws {
        // Unlike a yield, a sleep ends when the test does.
        while try await number("SELECT CASE WHEN (\(sql)) THEN 1 ELSE 0 END") == 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
}

/// Gives `body` a ledger with `stock` units of each item.
func withLedger(stock: Int64..., limit: Int = 1, _ body: (LedgerUnderTest) async throws -> Void) async throws {
    try await withPostgres { url in
        let ledger = try LedgerUnderTest(url: url)
        try await ledger.load(stock: stock, limit: limit)
        try await body(ledger)
    }
}

/// Order number `number`, of user `user-<number>` unless told otherwise.
func reservation(
    _ number: Int, user: String? = nil, sku: SKU = LedgerUnderTest.phone, sale: SaleID = LedgerUnderTest.sale, quantity: Int = 1, key: String? = nil
) -> Reservation {
    let grantedAt = Timestamp(milliseconds: 1_800_000_000_000 + Int64(number))
    return Reservation(
        ReservationRequest(
            order: OrderID(high: UInt64(grantedAt.milliseconds) << 16 | 0x7000, low: 0x8000_0000_0000_0000 | UInt64(number)),
            purchase: Purchase(
                user: UserID(user ?? "user-\(number)")!, sku: sku, quantity: quantity, key: key.flatMap { IdempotencyKey($0) })),
        of: sale, epoch: 1, grantedAt: grantedAt)
}

func reservations(_ numbers: Range<Int>) -> [Reservation] { numbers.map { reservation($0) } }

extension Collection<CommitVerdict> {
    var committedCount: Int {
        count { verdict in
            if case .committed = verdict { true } else { false }
        }
    }
    func count(of rejection: CommitVerdict.Rejection) -> Int { count { $0 == .rejected(rejection) } }
}
