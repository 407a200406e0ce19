package import SaleCore

extension SaleOperations {
    /// Changes a sale's own fields.
    package func set(
        _ settings: SaleSettings, of sale: SaleID, if precondition: SalePrecondition = .any, dryRun: Bool, by attribution: Attribution
    ) async throws(OperatorCommandError) -> [SaleChange] {
        let now: Timestamp
        do {
            now = try await store.now()
        } catch {
            throw OperatorCommandError(error)
        }
        return try await change(sale, if: precondition, dryRun: dryRun, by: attribution) { current in
            SaleDifference(changes: try settings.changes(of: try existing(sale, current), now: now))
        }
        .changes
    }

    /// Changes an item's fields but for its stock.
    package func set(
        _ settings: ItemSettings, of sku: SKU, in sale: SaleID, if precondition: SalePrecondition = .any, dryRun: Bool, by attribution: Attribution
    ) async throws(OperatorCommandError) -> [SaleChange] {
        try await change(sale, if: precondition, dryRun: dryRun, by: attribution) { current in
            let current = try existing(sale, current)
            guard let item = current.items.first(where: { $0.sku == sku }) else { throw OperatorCommandError.unknownItem(sku, of: current) }
            return SaleDifference(changes: try settings.changes(of: item))
        }
        .changes
    }
}
