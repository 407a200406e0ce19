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
