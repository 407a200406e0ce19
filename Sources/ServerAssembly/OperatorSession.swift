package import Logging
import NIOPosix
import PostgresLedger
package import SaleCore
package import SaleService

/// What an operator's command works with, for as long as the command runs.
package struct OperatorSession: Sendable {
    package let operations: SaleOperations
    package let orders: OrderOperations
    package let ledger: any OperatorLedger
    package let store: any StockStore
    package let reader: any OrderReader
    package var feed: any EventFeed { stores.feed }
    package var webhooks: any WebhookOperations { stores.webhooks }
    package var nodes: any NodeDirectory { stores.redis }
    let stores: Stores

    /// - Throws: `StartError` when Postgres or Redis cannot be reached.
    package static func open(settings: Settings, logger: Logger) async throws(StartError) -> OperatorSession {
        let stores = try await Stores.open(settings, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        return OperatorSession(
            operations: SaleOperations(ledger: stores.catalog, store: stores.redis, journal: stores.recoveryJournal, logger: logger),
            orders: OrderOperations(stores), ledger: stores.catalog, store: stores.redis, reader: stores.orders, stores: stores)
    }

    /// Waits until every node obeys what stands in Postgres of `sale`, `wait` at most.
    ///
    /// - Parameter known: nodes that were seen before the change.
    /// - Returns: `nil` for a sale that no node has in mind any more.
    /// - Throws: `StoreError`, `JournalError`; `CancellationError`.
    package func awaitObedience(of sale: SaleID, within wait: Duration, known: [NodeHeartbeat]) async throws -> Obedience? {
        guard let current = try await ledger.sale(sale) else { return nil }
        return try await ObedienceWatch(directory: nodes).awaitObedience(of: current, at: try await store.now(), within: wait, known: known)
    }

    /// What this program reads and Postgres lacks: a table or a column. `nil` when all of that is
    /// there; types and indexes are not looked at.
    package func missingSchema() async throws(JournalError) -> String? {
        do throws(JournalError) {
            try await stores.requireSchema()
            return nil
        } catch .failed(let reason, "42P01"), .failed(let reason, "42703") {
            return reason
        }
    }

    package func close() async {
        await stores.close()
    }
}

extension OrderOperations {
    init(_ stores: Stores) {
        self.init(
            orders: PostgresOperatorOrders(sessions: stores.sessions), books: PostgresOrderBooks(sessions: stores.sessions), ledger: stores.catalog,
            log: stores.redis, journal: stores.recoveryJournal)
    }
}
