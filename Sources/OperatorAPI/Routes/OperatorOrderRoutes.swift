import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// Orders, whoever's they are.
struct OperatorOrderRoutes {
    private struct Page: Encodable {
        private enum CodingKeys: String, CodingKey {
            case orders
            case nextCursor = "next_cursor"
        }

        var orders: [OperatorOrder]
        var nextCursor: String?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(orders, forKey: .orders)
            // `null` says that there is no more.
            try container.encode(nextCursor, forKey: .nextCursor)
        }
    }

    static let listParameters = ["sale", "user", "state", "refund_due", "since", "until", "limit", "cursor"]
    private static let pageDefault = 100

    private let orders: OrderOperations
    private let repetitions: Repetitions

    init(_ dependencies: OperatorRoutes.Dependencies) {
        orders = dependencies.orders
        repetitions = Repetitions(requests: dependencies.requests)
    }

    @Sendable func list(_ request: Request, _ context: FrontContext) async throws -> Response {
        let query = try Query(request, Self.listParameters)
        let filter = try Self.filter(query)
        let limit = try query.integer("limit", 1...Limits.operatorPageMax)
        let cursor: OrderID? = try query.value("cursor", "must be the next_cursor of a page") { OrderID($0) }
        if let export = OrderExport(accepted: request.headers[values: .accept]) {
            return export.response(of: orders, filter, before: cursor, countMax: query["limit"] == nil ? nil : limit)
        }
        let countMax = limit ?? Self.pageDefault
        // One more than is shown tells whether there is more.
        let found = try await OperatorProblem.translating { try await orders.orders(filter, before: cursor, countMax: countMax + 1) }
        let shown = found.prefix(countMax)
        let money = try await OperatorProblem.translating { try await orders.money(of: Array(shown)) }
        return try .json(
            Page(orders: shown.map { OperatorOrder($0, money[$0.id]) }, nextCursor: found.count > countMax ? shown.last.map { "\($0.id)" } : nil))
    }

    private static func filter(_ query: Query) throws(Problem) -> OrderFilter {
        OrderFilter(
            sale: try query.value("sale", "must be the name of a sale") { SaleID(stored: $0) },
            user: try query.value("user", "must be 1–128 visible ASCII characters") { UserID($0) },
            states: try query.value("state", "must be states, such as paid,expired") { text in
                let words = text.split(separator: ",", omittingEmptySubsequences: false)
                let states = words.compactMap { OrderState(rawValue: String($0)) }
                return states.count == words.count ? Set(states) : nil
            } ?? [],
            isRefundDue: try query.flag("refund_due"), since: try query.timestamp("since"), until: try query.timestamp("until"))
    }

    @Sendable func show(_ request: Request, _ context: FrontContext) async throws -> Response {
        let id = try context.orderID()
        return try .json(OperatorOrderRecord(try await OperatorProblem.translating { try await orders.order(id) }))
    }

    @Sendable func cancel(_ request: Request, _ context: FrontContext) async throws -> Response {
        let (id, write) = (try context.orderID(), try await WriteRequest(request, context))
        let reason = try ReasonBody.read(write.body)
        return try await answer(write, of: id, told: LogMessage.orderCancelled, context) {
            try await orders.cancel(id, dryRun: write.isDryRun, by: write.attribution.because(reason))
        }
    }

    @Sendable func refund(_ request: Request, _ context: FrontContext) async throws -> Response {
        let (id, write) = (try context.orderID(), try await WriteRequest(request, context))
        let (refund, reason) = try RefundBody.read(write.body, of: id)
        return try await answer(write, of: id, told: LogMessage.refundRecorded, context) {
            try await orders.record(refund, dryRun: write.isDryRun, by: write.attribution.because(reason))
        }
    }

    /// - Parameter message: written to the log when the change is made.
    private func answer(
        _ write: WriteRequest, of id: OrderID, told message: String, _ context: FrontContext, _ change: () async throws -> Order
    ) async throws -> Response {
        try await OperatorProblem.translating {
            try await repetitions.once(write) {
                try WrittenAnswer(OrderAnswer(try await orders.order(id).order, isDryRun: false))
            } _: {
                let order = try await change()
                if !write.isDryRun { context.tell(message, of: id) }
                return try WrittenAnswer(OrderAnswer(order, isDryRun: write.isDryRun))
            }
        }
    }
}

extension FrontContext {
    fileprivate func orderID() throws(Problem) -> OrderID {
        guard let id = parameters.get("id").flatMap({ OrderID($0) }) else { throw Problem(.unknownOrder) }
        return id
    }
}
