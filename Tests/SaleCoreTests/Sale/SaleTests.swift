import SaleCore
import Testing

@Suite struct SalePhaseTests {
    static let opensAt = Timestamp(milliseconds: 1_000)
    static let closesAt = Timestamp(milliseconds: 2_000)

    struct Row: Sendable, CustomTestStringConvertible {
        var status: SaleStatus
        var now: Int64
        var isSoldOut: Bool
        var phase: SalePhase
        var testDescription: String { "\(status) at \(now), sold out: \(isSoldOut)" }
    }

    static let rows: [Row] = [
        Row(status: .open, now: 999, isSoldOut: false, phase: .notStarted),
        Row(status: .open, now: 999, isSoldOut: true, phase: .notStarted),
        Row(status: .open, now: 1_000, isSoldOut: false, phase: .open),
        Row(status: .open, now: 1_000, isSoldOut: true, phase: .soldOut),
        Row(status: .open, now: 1_999, isSoldOut: false, phase: .open),
        Row(status: .open, now: 2_000, isSoldOut: false, phase: .closed),
        Row(status: .open, now: 2_000, isSoldOut: true, phase: .closed),
        Row(status: .paused, now: 999, isSoldOut: false, phase: .paused),
        Row(status: .paused, now: 1_000, isSoldOut: false, phase: .paused),
        Row(status: .paused, now: 1_000, isSoldOut: true, phase: .paused),
        Row(status: .paused, now: 2_000, isSoldOut: false, phase: .closed),
        Row(status: .closed, now: 999, isSoldOut: false, phase: .closed),
        Row(status: .closed, now: 1_000, isSoldOut: false, phase: .closed),
        Row(status: .closed, now: 2_000, isSoldOut: true, phase: .closed),
    ]

    @Test(arguments: rows)
    func phaseFollowsStatusWindowAndStock(row: Row) {
        let sale = Sale.sample(status: row.status, opensAt: Self.opensAt, closesAt: Self.closesAt)
        #expect(sale.phase(at: Timestamp(milliseconds: row.now), isSoldOut: row.isSoldOut) == row.phase)
    }
}

@Suite struct SoldOutTests {
    private static func sale(_ items: [(sku: String, committed: Int64)]) -> Sale {
        .sample(
            items: items.map {
                SaleItem(
                    sku: SKU($0.sku)!, title: "", unitPrice: 1, currency: Currency("CNY")!, loaded: 10, committed: $0.committed, limitPerUser: 1,
                    version: 1)
            })
    }

    @Test func `a sale is sold out when no item has a unit left, and only if it has items`() {
        let sale = Self.sale([("x", 0), ("y", 0)])
        #expect(sale.isSoldOut { _ in 0 })
        #expect(!sale.isSoldOut { $0.rawValue == "y" ? 1 : 0 })
        #expect(!Self.sale([]).isSoldOut { _ in 0 })
    }

    @Test func `of what Redis does not hold, Postgres knows what is left`() {
        #expect(Self.sale([("x", 10)]).isSoldOut { _ in nil })
        #expect(!Self.sale([("x", 9)]).isSoldOut { _ in nil })
    }

    /// More may be committed than Redis would have granted, after a failover.
    @Test func `there are never fewer units than none`() {
        #expect(Self.sale([("x", 11)]).items[0].units(available: nil) == 0)
        #expect(Self.sale([("x", 0)]).items[0].units(available: -1) == 0)
    }
}
