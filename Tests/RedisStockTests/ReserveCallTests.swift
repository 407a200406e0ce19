import SaleCore
import SaleService
import Testing

@testable import RedisStock

@Suite struct ReserveCallTests {
    private static func reply(_ text: String, count: Int) -> ReservationReply? {
        ReserveCall.reply(from: Array(text.utf8), requestCount: count)
    }

    @Test func everyVerdictIsRead() {
        let id = OrderID(high: 1, low: 2)
        #expect(
            Self.reply("1700000000000 g r\(id) m l l\(id) s0 s12 n p c u", count: 11)
                == .decided(
                    at: Timestamp(milliseconds: 1_700_000_000_000),
                    verdicts: [
                        .granted, .replayed(id), .keyMismatch, .limitReached(nil), .limitReached(id), .soldOut(left: 0), .soldOut(left: 12),
                        .notStarted, .paused, .closed, .unknownSKU,
                    ]))
    }

    @Test func oneLetterGrantsAWholeBatch() {
        #expect(
            Self.reply("1700000000000 G", count: 3)
                == .decided(at: Timestamp(milliseconds: 1_700_000_000_000), verdicts: [.granted, .granted, .granted]))
    }

    @Test func repliesWithoutVerdictsAreRead() {
        #expect(Self.reply("notloaded", count: 1) == .notLoaded)
        #expect(Self.reply("stale 12", count: 1) == .staleEpoch(current: 12))
    }

    @Test(arguments: [
        "", " ", "x", "stale", "stale x", "170 g", "170 g g g", "170 g x", "170 g gg", "170 g s", "170 g sx", "170 g r", "170 g r12", "170 G G",
        "170 g G", "G", "x G",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Self.reply(text, count: 2) == nil)
    }
}
