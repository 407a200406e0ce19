package import Hummingbird
package import SaleCore
package import SaleService

/// The routes of the public port that Hummingbird answers: everything but the purchase itself.
package enum PublicRoutes {
    /// What the routes need of the rest of the service.
    package struct Dependencies: Sendable {
        package var authenticator: Authenticator
        package var orders: any OrderReader
        /// Looks for an order that Postgres does not have yet. Throws when that cannot be told.
        package var lookupReservation: @Sendable (OrderID) async throws -> Order?
        /// Cancels orders and records payments.
        package var care: any OrderKeeping
        /// How often one user may look at orders or cancel them; `nil` is as often as he likes.
        package var orderLimiter: RateLimiter?
        /// `nil` while no secret is set: no payment event is taken then.
        package var paymentSignature: (any PaymentVerifier)?
        package var sales: any SaleDirectory
        package var readiness: @Sendable () async -> [ReadinessCheck]
        package var now: @Sendable () -> Timestamp
        package var report: RequestReport

        package init(
            authenticator: Authenticator, orders: any OrderReader,
            lookupReservation: @escaping @Sendable (OrderID) async throws -> Order?, care: any OrderKeeping,
            orderLimiter: RateLimiter? = nil, paymentSignature: (any PaymentVerifier)?, sales: any SaleDirectory,
            readiness: @escaping @Sendable () async -> [ReadinessCheck], now: @escaping @Sendable () -> Timestamp,
            report: RequestReport = RequestReport()
        ) {
            self.authenticator = authenticator
            self.orders = orders
            self.lookupReservation = lookupReservation
            self.care = care
            self.orderLimiter = orderLimiter
            self.paymentSignature = paymentSignature
            self.sales = sales
            self.readiness = readiness
            self.now = now
            self.report = report
        }
    }

    /// Routes that are added to the router afterwards also need their line in `RouteTable.public`.
    package static func router(_ dependencies: Dependencies) -> Router<FrontContext> {
        let router = Router(context: FrontContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(.public, report: dependencies.report))
        OrderRoutes(dependencies).add(to: router)
        PaymentRoutes(dependencies).add(to: router)
        SaleRoutes(directory: dependencies.sales, now: dependencies.now).add(to: router)
        HealthRoutes(readiness: dependencies.readiness).add(to: router)
        ProblemRoutes().add(to: router)
        return router
    }
}
