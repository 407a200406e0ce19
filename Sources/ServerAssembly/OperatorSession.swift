package import Logging
import NIOPosix
package import SaleService

/// What an operator's command works with, for as long as the command runs.
package struct OperatorSession: Sendable {
    package let operations: SaleOperations
    package let ledger: any OperatorLedger
    package let store: any StockStore
    package let reader: any OrderReader
    private let stores: Stores

    /// - Throws: `StartError` when Postgres or Redis cannot be reached.
    package static func open(settings: Settings, logger: Logger) async throws(StartError) -> OperatorSession {
        let stores = try await Stores.open(settings, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        return OperatorSession(
            operations: SaleOperations(ledger: stores.catalog, store: stores.redis, journal: stores.recoveryJournal, logger: logger),
            ledger: stores.catalog, store: stores.redis, reader: stores.orders, stores: stores)
    }

    package func close() async {
        await stores.close()
    }
}
