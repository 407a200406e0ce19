import LoadModel

@testable import FaultSuite

/// Three units, sold to three buyers; a fourth hears that it is sold out. Everything is in order
/// until a test breaks it.
struct FairSale {
    var intentions = (1...4).map { Intention(user: "buyer-\($0)", key: "key-\($0)") }
    var log: [BuyerExchange]
    var books: SaleBooks
    var audit = AuditReading(
        status: 0, balances: [.init(sku: "unit", loaded: 3, available: 0, inFlight: 0, live: 3, settled: true, breaches: [])], isBalanced: true)
    var mustSellOut = true

    init() {
        log =
            (1...3).map { Self.exchange($0 - 1, 201, order: "order-\($0)") }
            + [
                BuyerExchange(
                    intention: 3, attempt: 1, door: 0, sentAt: .zero, endedAt: .seconds(1), outcome: .answered(Self.refusal(409, "sold_out")))
            ]
        books = SaleBooks(
            stock: [.init(sku: "unit", loaded: 3, committed: 3, limitPerUser: 1)], orders: (1...3).map { Self.order($0) })
    }

    static func order(_ number: Int, buyer: Int? = nil, key: Int? = nil, state: String = "awaiting_payment") -> SaleBooks.Order {
        SaleBooks.Order(
            id: "order-\(number)", sku: "unit", user: "buyer-\(buyer ?? number)", quantity: 1, state: state, key: "key-\(key ?? buyer ?? number)",
            createdAt: 0)
    }

    /// An answer with an order, one second after it was asked for.
    static func exchange(_ intention: Int, _ status: Int, order: String, at second: Int = 0, body: String? = nil) -> BuyerExchange {
        BuyerExchange(
            intention: intention, attempt: 1, door: 0, sentAt: .seconds(second), endedAt: .seconds(second + 1),
            outcome: .answered(Answer(status: status, body: body ?? "{\"id\":\"\(order)\"}")))
    }

    static func refusal(_ status: Int, _ code: String) -> Answer {
        Answer(status: status, body: "{\"code\":\"\(code)\"}")
    }

    /// The rules that the judge finds broken.
    var violations: Set<String> {
        let judge = FaultJudge(
            intentions: intentions, log: log, books: books, audit: audit, mustSellOut: mustSellOut)
        return Set(judge.findings.filter { !$0.passed }.map(\.rule))
    }
}
