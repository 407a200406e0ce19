package import SaleCore

/// A sale in Postgres beside the same sale in Redis.
package struct SaleReading: Sendable, Equatable {
    package var sale: Sale
    /// `nil` when Redis does not hold the sale, or not in its present epoch.
    package var stock: StockReading?

    package init(sale: Sale, stock: StockReading?) {
        self.sale = sale
        self.stock = stock
    }

    /// `nil` when Redis does not hold the item.
    package func available(of sku: SKU) -> Int64? { stock?.items[sku]?.available }

    package var isSoldOut: Bool { sale.isSoldOut(available) }
}

extension SaleOperations {
    /// Every sale, in the order of the ids.
    package func sales() async throws(OperatorCommandError) -> [SaleReading] {
        do {
            var readings: [SaleReading] = []
            for sale in try await ledger.sales() { readings.append(try await reading(of: sale)) }
            return readings
        } catch {
            throw OperatorCommandError(error)
        }
    }

    package func sale(_ id: SaleID) async throws(OperatorCommandError) -> SaleReading {
        do {
            guard let sale = try await ledger.sale(id) else { throw OperatorCommandError.unknownSale(id) }
            return try await reading(of: sale)
        } catch {
            throw OperatorCommandError(error)
        }
    }

    private func reading(of sale: Sale) async throws(StoreError) -> SaleReading {
        let stock = try await store.read(sale.id)
        return SaleReading(sale: sale, stock: stock.flatMap { $0.isProven && $0.epoch == sale.epoch ? $0 : nil })
    }
}
