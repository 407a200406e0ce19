import HTTPTypes
package import Hummingbird
package import SaleCore
package import SaleService

/// The routes of the public port. Hummingbird answers everything but the purchase itself.
package enum PublicRoutes {
    /// What the routes need of the rest of the service.
    package struct Dependencies: Sendable {
        package var authenticator: Authenticator
        package var orders: any OrderReader
        /// Looks for an order that Postgres does not have yet. Throws when that cannot be told.
        package var lookupReservation: @Sendable (OrderID) async throws -> Order?
        /// Cancels orders and records payments.
        package var actions: any OrderActing
        /// How often one user may look at orders or cancel them; `nil` is as often as he likes.
        package var orderLimiter: RateLimiter?
        /// `nil` while no secret is set: no payment event is taken then.
        package var paymentSignature: (any PaymentVerifier)?
        package var pages: SalePages
        /// `nil` while no pages are served on which people buy.
        package var storefront: Storefront?
        package var readiness: @Sendable () async -> [ReadinessCheck]
        package var now: @Sendable () -> Timestamp
        package var report: RequestReport
        /// The node stops: nobody is to wait any longer.
        package var isDraining: @Sendable () -> Bool

        package init(
            authenticator: Authenticator, orders: any OrderReader,
            lookupReservation: @escaping @Sendable (OrderID) async throws -> Order?, actions: any OrderActing,
            orderLimiter: RateLimiter? = nil, paymentSignature: (any PaymentVerifier)?, pages: SalePages, storefront: Storefront? = nil,
            readiness: @escaping @Sendable () async -> [ReadinessCheck], now: @escaping @Sendable () -> Timestamp,
            report: RequestReport = RequestReport(), isDraining: @escaping @Sendable () -> Bool = { false }
        ) {
            self.authenticator = authenticator
            self.orders = orders
            self.lookupReservation = lookupReservation
            self.actions = actions
            self.orderLimiter = orderLimiter
            self.paymentSignature = paymentSignature
            self.pages = pages
            self.storefront = storefront
            self.readiness = readiness
            self.now = now
            self.report = report
            self.isDraining = isDraining
        }
    }

    /// Answered before the router, as purchases are.
    static let salePath = "/v1/sales/{sale}"
    static let salePrefix = "/v1/sales/"
    static let eventsPath = "/v1/sales/{sale}/events"
    static let eventsSuffix = "/events"
    static let timePath = "/v1/time"
    static let orderPath = "/v1/orders/{id}"

    /// What changes something is asked by its body, and a query that some tracker added is nobody's
    /// business.
    static let all: [Route<Dependencies>] = [
        Route("listSales", .get, "/v1/sales", parameters: SalesQuery.parameters, .browsing, isForEverybody: true) { SaleRoutes($0).list },
        Route("showSale", .get, salePath, parameters: [], .browsing, isForEverybody: true, nil),
        Route("streamSale", .get, eventsPath, parameters: StreamQuery.parameters, .browsing, isForEverybody: true, nil),
        Route("showTime", .get, timePath, parameters: [], .browsing, isForEverybody: true, nil),
        // What comes as far as the bulkhead is no purchase, and is told so.
        Route("purchase", .post, RequestCounts.purchaseRoute, .browsing, nil),
        Route("listOrders", .get, "/v1/orders", parameters: OrdersPage.parameters, .orders) { OrderRoutes($0).list },
        Route("showOrder", .get, orderPath, parameters: [], .orders) { OrderRoutes($0).show },
        Route("cancelOrder", .post, "/v1/orders/{id}/cancel", .orders) { OrderRoutes($0).cancel },
        Route("recordPayment", .post, "/v1/payments/events", .payments) { PaymentRoutes($0).record },
        Route("listProblems", .get, "/problems", parameters: [], .browsing, isForEverybody: true) { _ in ProblemRoutes.list },
        Route("showProblem", .get, "/problems/{code}", parameters: [], .browsing, isForEverybody: true) { _ in ProblemRoutes.show },
        Route("showOpenAPI", .get, "/openapi.json", parameters: [], .browsing, isForEverybody: true) { _ in OpenAPIRoutes.show },
        Route("showRoot", .get, "/", .browsing, isPage: true) { RootRoutes($0).root },
        Route("showSalePage", .get, "/sales/{sale}", .browsing, isPage: true) { StorefrontRoutes($0).sale },
        Route("showOrdersPage", .get, "/orders", .browsing, isPage: true) { StorefrontRoutes($0).orders },
        Route("showOrderPage", .get, "/orders/{id}", .browsing, isPage: true) { StorefrontRoutes($0).order },
        // A page whose module is refused is dead until it is loaded again: not the first to go.
        Route("showAsset", .get, "/assets/{hash}/{file}", .orders, isForEverybody: true) { StorefrontRoutes($0).asset },
        Route("makeDemoToken", .post, "/demo/token", .browsing) { DemoRoutes($0).token },
        Route("payDemoOrder", .post, "/demo/orders/{id}/pay", .orders) { DemoRoutes($0).pay },
        Route("showIcon", .get, "/favicon.ico", .browsing) { _ in RootRoutes.icon },
        Route("showRobots", .get, "/robots.txt", .browsing) { _ in RootRoutes.robots },
        Route("live", .get, "/livez", nil) { _ in HealthRoutes.live },
        Route("ready", .get, "/readyz", nil) { HealthRoutes(readiness: $0.readiness).ready },
    ]

    package static func router(_ dependencies: Dependencies) -> Router<FrontContext> {
        let router = Router(context: FrontContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(.public, report: dependencies.report))
        router.add(all, dependencies)
        return router
    }
}
