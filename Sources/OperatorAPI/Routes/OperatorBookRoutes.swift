import HTTPFront
import Hummingbird
import SaleCore
import SaleService

/// What was done, and whether the books balance.
struct OperatorBookRoutes {
    private struct Lines<Line: Encodable>: Encodable {
        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { return nil }
        }

        var name: String
        var lines: [Line]
        var nextCursor: String?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(lines, forKey: Key(stringValue: name))
            try container.encode(nextCursor, forKey: Key(stringValue: "next_cursor"))
        }
    }

    private struct Audits: Encodable {
        var sales: [OperatorAudit]
    }

    static let historyParameters = ["sale", "since", "until", "limit", "cursor"]
    static let ledgerParameters = ["sale", "sku", "limit", "cursor"]
    private static let pageDefault = 100

    private let dependencies: OperatorRoutes.Dependencies
    private var orders: OrderOperations { dependencies.orders }

    init(_ dependencies: OperatorRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable func history(_ request: Request, _ context: FrontContext) async throws -> Response {
        let query = try Query(request, Self.historyParameters)
        let filter = AuditFilter(sale: try query.sale(), since: try query.timestamp("since"), until: try query.timestamp("until"))
        let countMax = try query.integer("limit", 1...Limits.operatorPageMax) ?? Self.pageDefault
        let cursor: Int64? = try query.value("cursor", "must be the next_cursor of a page") { Int64($0) }
        let found = try await OperatorProblem.translating { try await orders.history(filter, before: cursor, countMax: countMax + 1) }
        let shown = found.prefix(countMax)
        return try .json(
            Lines(
                name: "history", lines: shown.map(OperatorHistoryEntry.init), nextCursor: found.count > countMax ? shown.last.map { "\($0.id)" } : nil
            ))
    }

    @Sendable func ledger(_ request: Request, _ context: FrontContext) async throws -> Response {
        let query = try Query(request, Self.ledgerParameters)
        guard let sale = try query.sale() else { throw Problem(invalid: [Violation(field: "sale", reason: "is missing")]) }
        let sku: SKU? = try query.value("sku", "must be the name of an item") { SKU(stored: $0) }
        let countMax = try query.integer("limit", 1...Limits.operatorPageMax) ?? Self.pageDefault
        let cursor = try query.value("cursor", "must be the next_cursor of a page") { LedgerPosition(cursor: $0) }
        let found = try await OperatorProblem.translating {
            _ = try await dependencies.sales.sale(sale)
            return try await orders.ledger(of: sale, sku, after: cursor, countMax: countMax + 1)
        }
        let shown = found.prefix(countMax)
        return try .json(
            Lines(name: "ledger", lines: shown.map(OperatorLedgerLine.init), nextCursor: found.count > countMax ? shown.last?.position.cursor : nil))
    }

    /// Reads until the books balance or a difference is certain: some seconds at most for a sale.
    @Sendable func audit(_ request: Request, _ context: FrontContext) async throws -> Response {
        let wanted = try Query(request, ["sale"]).sale()
        let audits = try await OperatorProblem.translating {
            var audits: [SaleAudit] = []
            var sales = [wanted].compactMap(\.self)
            if sales.isEmpty { sales = try await dependencies.sales.liveSales(at: dependencies.now()) }
            for sale in sales { audits.append(try await dependencies.sales.audit(sale)) }
            return audits
        }
        return try .json(Audits(sales: audits.map(OperatorAudit.init)))
    }
}

extension SaleOperations {
    /// Those that Redis has not forgotten.
    fileprivate func liveSales(at now: Timestamp) async throws(OperatorCommandError) -> [SaleID] {
        try await sales().map(\.sale).filter { !$0.isForgotten(at: now) }.map(\.id)
    }
}

extension Query {
    fileprivate func sale() throws(Problem) -> SaleID? { try value("sale", "must be the name of a sale") { SaleID(stored: $0) } }
}

extension LedgerPosition {
    /// No name holds a `~`.
    var cursor: String { "\(sku)~\(id)~\(loaded)~\(committed)" }

    /// No balance of an item reaches it, and sums of a page do not overflow beyond it.
    private static let balanceMax: UInt64 = 1 << 53

    /// Reads what `cursor` wrote; whoever sends it may have written anything.
    init?(cursor: String) {
        let parts = cursor.split(separator: "~", omittingEmptySubsequences: false)
        guard parts.count == 4, let sku = SKU(stored: String(parts[0])), let id = Int64(parts[1]), let loaded = Int64(parts[2]),
            let committed = Int64(parts[3]), max(loaded.magnitude, committed.magnitude) <= Self.balanceMax
        else { return nil }
        self.init(sku: sku, id: id, loaded: loaded, committed: committed)
    }
}
