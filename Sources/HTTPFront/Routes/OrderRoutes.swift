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

    func add(to router: Router<FrontContext>) {
        router.get("/v1/orders", use: list)
        router.get("/v1/orders/{id}", use: show)
        router.post("/v1/orders/{id}/cancel", use: cancel)
    }

    /// What the body says is not read: there is nothing to say.
    @Sendable private func cancel(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await limited(request) { user in
            guard let id = context.parameters.get("id").flatMap({ OrderID($0) }) else { throw Problem(.unknownOrder) }
            switch try await dependencies.care.cancel(id, by: user) {
            case .cancelled(let order):
                var body = ByteBuffer()
                OrderJSON.write(order, into: &body)
                return .personal(json: body)
            case .notCancellable(let order): throw Problem(.notCancellable, detail: "The order is \(order.state.rawValue).")
            case .unknownOrder: throw Problem(.unknownOrder)
            }
        }
    }

    @Sendable private func show(_ request: Request, _ context: FrontContext) async throws -> Response {
        try await limited(request) { user in
            guard let id = context.parameters.get("id").flatMap({ OrderID($0) }), let order = try await order(id), order.user == user else {
                // Another user's order is answered as one that does not exist.
                throw Problem(.unknownOrder)
            }
            var body = ByteBuffer()
            OrderJSON.write(order, into: &body)
            return .personal(json: body)
        }
    }

    /// Postgres is asked again when the reservation is gone, for the order may have gone from there to here between the two looks.
    private func order(_ id: OrderID) async throws -> Order? {
        if let committed = try await dependencies.orders.order(id) { return committed }
        if let reserved = try await dependencies.lookupReservation(id) { return reserved }
        return try await dependencies.orders.order(id)
    }

    @Sendable private func list(_ request: Request, _ context: FrontContext) async throws -> Response {
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

    /// Answers whoever proves who he is, as often as his bucket allows: each question costs the stores more than a refused purchase does.
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
    var limit: Int
    /// The last order of the page before.
    var cursor: OrderID?

    init(_ uri: URI) throws(Problem) {
        var violations: [FieldViolation] = []
        let parameters = uri.queryParameters
        limit = Limits.ordersPageDefault
        if let text = parameters["limit"] {
            if text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(text),
                (1...Limits.ordersPageMax).contains(value)
            {
                limit = value
            } else {
                violations.append(FieldViolation(field: "limit", reason: "must be between 1 and \(Limits.ordersPageMax)"))
            }
        }
        if let text = parameters["cursor"] {
            cursor = OrderID(String(text))
            if cursor == nil { violations.append(FieldViolation(field: "cursor", reason: "must be the next_cursor of a page")) }
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
