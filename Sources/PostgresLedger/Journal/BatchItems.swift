import SaleCore
import SaleService

/// The items of a batch, each once, and which of them each order is about: an order then costs four
/// bytes where two names would stand.
struct BatchItems {
    private(set) var keys: [ItemKey] = []
    /// Per order, counted from 0.
    private(set) var indices: [Int] = []

    init(_ orders: some Collection<Reservation>) {
        indices.reserveCapacity(orders.count)
        var known: [ItemKey: Int] = [:]
        for order in orders {
            let key = ItemKey(sale: order.sale, sku: order.sku)
            if let last = indices.last, keys[last] == key {
                indices.append(last)
            } else if let index = known[key] {
                indices.append(index)
            } else {
                known[key] = keys.count
                indices.append(keys.count)
                keys.append(key)
            }
        }
    }

    /// As `$1` and `$2` of the journal's statements.
    func encode(into parameters: inout PostgresParameters) {
        parameters.texts(keys) { $0.sale.rawValue }
        parameters.texts(keys) { $0.sku.rawValue }
    }
}

extension PostgresParameters {
    /// The parameters `$1`–`$9` of `commitOrders`.
    ///
    /// - Parameter key: the key that is stored with an order.
    init(_ orders: [Reservation], of items: BatchItems, key: (Reservation) -> IdempotencyKey? = \.key) {
        // 16 + 8 + 8 + 8 + 4 bytes of values, seven lengths, and names that are seldom longer than
        // a UUID's text.
        self.init(reserving: 256 + orders.count * 160)
        items.encode(into: &self)
        int64s(items.indices) { Int64($0 + 1) }
        self.orders(orders, \.order)
        texts(orders, \.user.rawValue)
        int32s(orders) { Int32(clamping: $0.quantity) }
        texts(orders) { key($0)?.rawValue }
        int64s(orders, \.epoch.number)
        timestamps(orders, \.grantedAt)
    }
}
