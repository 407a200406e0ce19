package import HTTPFront
import HTTPTypes
package import Hummingbird
package import SaleCore
package import SaleService

/// What operators ask of the admin port, and may change. Health and metrics stand beside it, in
/// `AdminRoutes`.
package enum OperatorRoutes {
    /// What the routes need of the rest of the service.
    package struct Dependencies: Sendable {
        package var sales: SaleOperations
        package var orders: OrderOperations
        package var requests: any OperatorRequests
        /// Waits, for a few seconds at most, until every live node knows the sale as it is here or
        /// later; `nil` when nobody can say which nodes there are, and for a sale that they forgot.
        package var obedience: @Sendable (Sale) async -> Obedience?
        package var events: EventReading
        package var nodes: any NodeDirectory
        package var live: LiveFrames
        /// Whether somebody who was let in would be so now.
        package var isStillOperator: @Sendable (Operator) -> Bool
        package var stores: @Sendable () async -> StoreStandings
        package var upkeep: Upkeep
        package var now: @Sendable () -> Timestamp

        package init(
            sales: SaleOperations, orders: OrderOperations, requests: any OperatorRequests,
            obedience: @escaping @Sendable (Sale) async -> Obedience?,
            events: EventReading, nodes: any NodeDirectory, live: LiveFrames,
            isStillOperator: @escaping @Sendable (Operator) -> Bool,
            stores: @escaping @Sendable () async -> StoreStandings, upkeep: Upkeep, now: @escaping @Sendable () -> Timestamp
        ) {
            self.sales = sales
            self.orders = orders
            self.requests = requests
            self.obedience = obedience
            self.events = events
            self.nodes = nodes
            self.live = live
            self.isStillOperator = isStillOperator
            self.stores = stores
            self.upkeep = upkeep
            self.now = now
        }
    }

    static let all: [Route<Dependencies>] = [
        Route("showOperator", .get, "/admin/v1/me", parameters: [], nil) { _ in OperatorSaleRoutes.me },
        Route("listSales", .get, "/admin/v1/sales", parameters: [], nil) { OperatorSaleRoutes($0).list },
        Route("showSale", .get, "/admin/v1/sales/{sale}", parameters: [], nil) { OperatorSaleRoutes($0).show },
        Route("applySale", .put, "/admin/v1/sales/{sale}", nil) { SaleWriteRoutes($0).apply },
        Route("setSale", .patch, "/admin/v1/sales/{sale}", nil) { SaleWriteRoutes($0).set },
        Route("pauseSale", .post, "/admin/v1/sales/{sale}/pause", nil) { SaleWriteRoutes($0).pause },
        Route("resumeSale", .post, "/admin/v1/sales/{sale}/resume", nil) { SaleWriteRoutes($0).resume },
        Route("closeSale", .post, "/admin/v1/sales/{sale}/close", nil) { SaleWriteRoutes($0).close },
        Route("addStock", .post, "/admin/v1/sales/{sale}/items/{sku}/stock", nil) { SaleWriteRoutes($0).addStock },
        Route("setItem", .patch, "/admin/v1/sales/{sale}/items/{sku}", nil) { SaleWriteRoutes($0).setItem },
        Route("listOrders", .get, "/admin/v1/orders", parameters: OperatorOrderRoutes.listParameters, nil) { OperatorOrderRoutes($0).list },
        Route("showOrder", .get, "/admin/v1/orders/{id}", parameters: [], nil) { OperatorOrderRoutes($0).show },
        Route("cancelOrder", .post, "/admin/v1/orders/{id}/cancel", nil) { OperatorOrderRoutes($0).cancel },
        Route("refundOrder", .post, "/admin/v1/orders/{id}/refunds", nil) { OperatorOrderRoutes($0).refund },
        Route("listHistory", .get, "/admin/v1/history", parameters: OperatorBookRoutes.historyParameters, nil) { OperatorBookRoutes($0).history },
        Route("listEvents", .get, "/admin/v1/events", parameters: OperatorFeedRoutes.eventParameters, nil) { OperatorFeedRoutes($0).events },
        Route("listNodes", .get, "/admin/v1/nodes", parameters: [], nil) { OperatorFeedRoutes($0).nodes },
        Route("watchFleet", .get, "/admin/v1/live", parameters: LiveRoutes.parameters, nil) { LiveRoutes($0).watch },
        Route("showStores", .get, "/admin/v1/stores", parameters: [], nil) { OperatorFeedRoutes($0).stores },
        Route("drainNode", .post, "/admin/v1/nodes/{node}/drain", nil) { UpkeepRoutes($0).drain },
        Route("listWebhooks", .get, "/admin/v1/webhooks", parameters: [], nil) { UpkeepRoutes($0).webhooks },
        Route("listWebhookFailures", .get, "/admin/v1/webhooks/{endpoint}/failures", parameters: ["limit"], nil) { UpkeepRoutes($0).failures },
        Route("replayWebhook", .post, "/admin/v1/webhooks/{endpoint}/replay", nil) { UpkeepRoutes($0).replay },
        Route("skipWebhook", .post, "/admin/v1/webhooks/{endpoint}/skip", nil) { UpkeepRoutes($0).skip },
        Route("stopWebhook", .post, "/admin/v1/webhooks/{endpoint}/stop", nil) { UpkeepRoutes($0).stop },
        Route("resumeWebhook", .post, "/admin/v1/webhooks/{endpoint}/resume", nil) { UpkeepRoutes($0).resume },
        Route("testWebhook", .post, "/admin/v1/webhooks/{endpoint}/test", nil) { UpkeepRoutes($0).test },
        Route("listSettings", .get, "/admin/v1/settings", parameters: [], nil) { UpkeepRoutes($0).settings },
        Route("listLedger", .get, "/admin/v1/ledger", parameters: OperatorBookRoutes.ledgerParameters, nil) { OperatorBookRoutes($0).ledger },
        Route("auditSales", .get, "/admin/v1/audit", parameters: ["sale"], nil) { OperatorBookRoutes($0).audit },
        // It stands in every copy of the source: anybody may read it.
        Route("showOperatorsAPI", .get, OperatorDocument.path, nil) { _ in OperatorDocument.show },
    ]

    /// All of the admin port.
    package static func router(
        _ admin: AdminRoutes.Dependencies, _ dependencies: Dependencies, gate: OperatorGate, report: RequestReport
    ) -> Router<FrontContext> {
        let router = Router(context: FrontContext.self, options: .autoGenerateHeadEndpoints)
        var table = RouteTable(AdminRoutes.all)
        table.add(all)
        table.add(ConsoleRoutes.all)
        router.add(
            middleware: ProblemMiddleware(
                table, report: report.ofAdminPort, bodyBytesMax: Limits.operatorBodyBytesMax, believesName: { gate.believesName($0) },
                admit: { try gate.admit($0, &$1) }))
        router.add(AdminRoutes.all, admin)
        router.add(all, dependencies)
        router.add(ConsoleRoutes.all, ConsoleRoutes(readsAlone: gate.admitsReadersWithoutToken))
        return router
    }
}
