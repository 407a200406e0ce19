import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

@Suite struct PreparedOrderTests {
    /// Mostly what the answer before said, as in a batch; now and then something else.
    private struct Draft {
        var order = Sample.order()
        var isCommitted = true
        var isReplay = false
        var closes = false
        var frame = AnswerFrame(requestID: .number(0), date: "Sun, 01 Mar 2026 12:00:00 GMT")

        mutating func change(_ random: inout SeededGenerator) {
            switch Int.random(in: 0..<16, using: &random) {
            case 0: order.sale = SaleID(["demo", "autumn-sale-of-the-year-2026"].randomElement(using: &random)!)!
            case 1: order.sku = SKU(["phone-x", "phone-y", "a-longer-name-of-an-item.64"].randomElement(using: &random)!)!
            case 2: order.quantity = Int.random(in: 1...12, using: &random)
            case 3: order.unitPrice = Int64.random(in: 0...3, using: &random) * 99_900
            case 4: order.currency = Currency(["CNY", "EUR"].randomElement(using: &random)!)!
            case 5: order.state = [.awaitingPayment, .paid, .expired].randomElement(using: &random)!
            case 6: order.createdAt = order.createdAt.advanced(milliseconds: Int64.random(in: 0...1_000, using: &random))
            case 7: order.payBy = order.payBy.advanced(milliseconds: Int64.random(in: 0...1_000, using: &random))
            case 8: order.refundDue.toggle()
            case 9: isCommitted.toggle()
            case 10: isReplay.toggle()
            case 11: closes.toggle()
            case 12: frame.date = "Sun, 01 Mar 2026 12:00:0\(Int.random(in: 0...9, using: &random)) GMT"
            case 13: frame.preferenceApplied = [nil, "respond-async", "wait=3"].randomElement(using: &random)!
            default: frame.rateLimit = Self.rateLimit(&random)
            }
        }

        private static func rateLimit(_ random: inout SeededGenerator) -> RateLimitState? {
            guard Bool.random(using: &random) else { return nil }
            let decision = TokenDecision(
                isAllowed: true, remaining: Int.random(in: 0...2, using: &random), retryAfter: 0,
                fullAfter: UInt64.random(in: 0...3_000_000_000, using: &random))
            return RateLimitState(
                policies: ["\"user\";q=1;w=1", "\"ip\";q=1;w=1"].randomElement(using: &random)!,
                name: Bool.random(using: &random) ? RateLimitHeaders.user : RateLimitHeaders.address, decision: decision)
        }

        func write(_ frame: AnswerFrame, into buffer: inout ByteBuffer) {
            var body = ByteBuffer()
            PurchaseAnswer.order(order, isCommitted: isCommitted, isReplay: isReplay).write(frame, closes: closes, body: &body, into: &buffer)
        }
    }

    @Test(arguments: [1, 2, UInt64.random(in: .min ... .max)])
    func everyAnswerIsTheOneThatIsWrittenAnew(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var (draft, prepared, body) = (Draft(), PreparedOrder(), ByteBuffer())
        for number in 0..<30_000 {
            if Int.random(in: 0..<3, using: &random) == 0 { draft.change(&random) }
            draft.order.id = OrderID(high: random.next(), low: random.next())
            draft.order.user = [Sample.alice, Sample.mallory].randomElement(using: &random)!
            draft.frame.requestID = Int.random(in: 0..<10, using: &random) == 0 ? .text("edge-\(number)") : .number(random.next())
            // Answers of one connection stand behind one another.
            var (written, anew) = (ByteBuffer(string: "before"), ByteBuffer(string: "before"))
            prepared.write(
                draft.order, isCommitted: draft.isCommitted, isReplay: draft.isReplay, draft.frame, closes: draft.closes, body: &body, into: &written)
            draft.write(draft.frame, into: &anew)
            try #require(written == anew, "seed \(seed), answer \(number):\n\(String(buffer: written))\n\(String(buffer: anew))")
        }
    }
}
