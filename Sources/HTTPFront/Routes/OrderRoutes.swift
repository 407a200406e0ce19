import Hummingbird
import HummingbirdCore
import NIOCore
import SaleCore
import SaleService

/// A buyer's own orders.
struct OrderRoutes {
    private let dependencies: PublicRoutes.Dependencies

    init(_ dependencies: PublicRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    /// What the body says is not read: there is nothing to say.
    @Sendable func cancel(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await limited(request) { user in
            guard let id = context.parameters.get("id").flatMap({ OrderID($0) }) else { throw Problem(.unknownOrder) }
            switch try await dependencies.actions.cancel(id, by: user) {
            case .cancelled(let order, let isNews):
                if isNews { context.tell(LogMessage.orderCancelled, of: id) }
                var body = ByteBuffer()
                OrderJSON.write(order, into: &body)
                return .personal(json: body)
            case .notCancellable(let order): throw Problem(.notCancellable, detail: "The order is \(order.state.rawValue).")
            case .unknownOrder: throw Problem(.unknownOrder)
            }
        }
    }

    @Sendable func show(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await limited(request) { user in
            guard let id = context.parameters.get("id").flatMap({ OrderID($0) }), var order = try await order(id), order.user == user else {
                // Another user's order is answered as one that does not exist.
                throw Problem(.unknownOrder)
            }
            let preference = Preference(headerValues: request.headers[values: .prefer])
            if let seconds = preference.waitSeconds { order = try await decided(order, within: seconds) }
            var body = ByteBuffer()
            OrderJSON.write(order, into: &body)
            var response = Response.personal(json: body)
            if let seconds = preference.waitSeconds { response.headers[.preferenceApplied] = "wait=\(seconds)" }
            return response
        }
    }

    /// The order when it is no longer merely reserved, or as it is after so many seconds. Looks
    /// less and less often; a node that stops has nobody wait.
    private func decided(_ order: Order, within seconds: Int) async throws -> Order {
        let deadline = monotonicNow().advanced(by: UInt64(seconds) * 1_000_000_000)
        var (order, pause) = (order, Limits.orderWaitFirstLook)
        while order.state == .reserved, !dependencies.isDraining(), case let now = monotonicNow(), now < deadline {
            try await Task.sleep(for: min(pause, .nanoseconds(Int64(now.duration(to: deadline)))))
            pause = min(pause * 2, Limits.orderWaitLookInterval)
            guard let next = try await self.order(order.id) else { throw Problem(.unknownOrder) }
            order = next
        }
        return order
    }

    /// Postgres is asked again when the reservation is gone, for the order may have gone from there
    /// to here between the two looks.
    private func order(_ id: OrderID) async throws -> Order? {
        if let committed = try await dependencies.orders.order(id) { return committed }
        if let reserved = try await dependencies.lookupReservation(id) { return reserved }
        return try await dependencies.orders.order(id)
    }

    @Sendable func list(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await limited(request) { user in
            let page = try OrdersPage(request.uri)
            // One more than is shown tells whether there is more.
            let orders = try await dependencies.orders.orders(of: user, before: page.cursor, countMax: page.limit + 1)
            let shown = orders.prefix(page.limit)
            var body = ByteBuffer()
            OrderJSON.write(page: shown, nextCursor: orders.count > page.limit ? shown.last?.id : nil, into: &body)
            return .personal(json: body)
        }
    }

    /// Answers whoever proves who he is, as often as his bucket allows: each question costs the
    /// stores more than a refused purchase does.
    private func limited(_ request: Request, _ answer: (UserID) async throws -> Response) async throws -> Response {
        let user = try await dependencies.authenticator.user(of: request.headers, now: dependencies.now())
        guard let limiter = dependencies.orderLimiter else { return try await answer(user) }
        let decision = limiter.take(user, at: monotonicNow())
        let fields = RateLimitFields(RateLimitHeaders.orders, limiter.limit, decision)
        do {
            guard decision.isAllowed else { throw Problem(RateLimitHeaders.orders, refused: decision) }
            var response = try await answer(user)
            response.headers.tell(fields)
            return response
        } catch var problem as Problem {
            problem.rateLimit = fields
            throw problem
        }
    }
}

/// `?limit=&cursor=`.
struct OrdersPage: Equatable {
    static let parameters = ["limit", "cursor"]

    var limit: Int
    /// The last order of the page before.
    var cursor: OrderID?

    init(_ uri: URI) throws(Problem) {
        var violations: [Violation] = []
        let parameters = uri.queryParameters
        limit = PageLimit.read(parameters["limit"], standard: Limits.ordersPageDefault, max: Limits.ordersPageMax, &violations)
        if let text = parameters["cursor"] {
            cursor = OrderID(String(text))
            if cursor == nil { violations.append(Violation(field: "cursor", reason: "must be the next_cursor of a page")) }
        }
        if !violations.isEmpty { throw Problem(invalid: violations) }
    }
}

extension Response {
    /// An answer for one user, which no cache may keep.
    static func personal(json body: ByteBuffer) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"], body: ResponseBody(byteBuffer: body))
    }
}
