import SaleCore
import SaleService

extension SaleEdit {
    /// Writes the changes. Runs inside the transaction in which the sale was read and locked.
    func write(on session: isolated PostgresSession) throws(JournalError) {
        guard let sale else { return }
        if !isCreated { try update(sale, on: session) }
        try add(sale.items.filter { addedItems.contains($0.sku) }, on: session)
        try update(sale.items.filter { changedItems.contains($0.sku) }, on: session)
        guard !loads.isEmpty else { return }
        var parameters = PostgresParameters()
        parameters.text(id.rawValue)
        parameters.texts(loads, \.sku.rawValue)
        parameters.int64s(loads, \.units)
        try session.run(.enterLoads, parameters)
    }

    private func update(_ sale: Sale, on session: isolated PostgresSession) throws(JournalError) {
        var parameters = PostgresParameters()
        parameters.text(id.rawValue)
        parameters.text(sale.title)
        parameters.text(sale.status.rawValue)
        parameters.timestamp(sale.opensAt)
        parameters.timestamp(sale.closesAt)
        parameters.int64(sale.payWithinMilliseconds)
        parameters.int64(sale.version)
        try session.run(.updateSale, parameters)
    }

    private func add(_ items: [SaleItem], on session: isolated PostgresSession) throws(JournalError) {
        guard !items.isEmpty else { return }
        try session.run(.addItems, columns(of: items))
    }

    private func update(_ items: [SaleItem], on session: isolated PostgresSession) throws(JournalError) {
        guard !items.isEmpty else { return }
        for item in items where countedItems.contains(item.sku) && item.limitPerUser > 1 {
            var parameters = PostgresParameters()
            parameters.text(id.rawValue)
            parameters.text(item.sku.rawValue)
            parameters.int64(Int64(item.limitPerUser))
            try session.run(.seedUserUnits, parameters)
        }
        var parameters = columns(of: items)
        parameters.int64s(items, \.version)
        try session.run(.updateItems, parameters)
    }

    private func columns(of items: [SaleItem]) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.text(id.rawValue)
        parameters.texts(items, \.sku.rawValue)
        parameters.texts(items, \.title)
        parameters.int64s(items, \.unitPrice)
        parameters.texts(items, \.currency.code)
        parameters.int64s(items, \.loaded)
        parameters.int32s(items) { Int32(clamping: $0.limitPerUser) }
        return parameters
    }
}
