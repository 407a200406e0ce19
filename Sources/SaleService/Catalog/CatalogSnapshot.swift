package import SaleCore

/// One sale as a node last saw it, in Postgres and in Redis.
package struct SaleSnapshot: Sendable, Equatable {
    package var sale: Sale
    /// Units that Redis would still grant; `nil` when Redis does not hold the sale or has not answered.
    package var stock: [SKU: StockReading.Item]?
    /// Redis holds the sale in the epoch of Postgres, on the Redis for which that epoch was proven.
    package var isProven: Bool

    package init(sale: Sale, stock: [SKU: StockReading.Item]?, isProven: Bool) {
        self.sale = sale
        self.stock = stock
        self.isProven = isProven
    }

    /// Every item is known to have no unit left.
    package var isSoldOut: Bool {
        guard let stock else { return false }
        return sale.items.allSatisfy { (stock[$0.sku]?.available ?? 1) <= 0 }
    }
}

/// All sales as a node last saw them. May be used to refuse, never to grant.
package struct CatalogSnapshot: Sendable {
    package var sales: [SaleID: SaleSnapshot]
    /// When the reading began, in nanoseconds of the monotonic clock: what was suspected later is not cleared by it.
    package var startedAt: UInt64
    package var clock: StockClock

    package init(sales: [SaleID: SaleSnapshot], startedAt: UInt64, clock: StockClock) {
        self.sales = sales
        self.startedAt = startedAt
        self.clock = clock
    }
}

/// An estimate of Redis's clock from this node's monotonic one, so that a jump of the node's wall clock opens or closes no sale.
package struct StockClock: Sendable, Equatable {
    /// Redis's milliseconds minus the monotonic clock's.
    package var offsetMilliseconds: Int64

    package init(offsetMilliseconds: Int64) {
        self.offsetMilliseconds = offsetMilliseconds
    }

    /// Redis said `time` just before the monotonic clock showed `now`.
    package init(reading time: Timestamp, at now: UInt64) {
        offsetMilliseconds = time.milliseconds - Int64(now / 1_000_000)
    }

    package func time(at now: UInt64) -> Timestamp {
        Timestamp(milliseconds: Int64(now / 1_000_000) + offsetMilliseconds)
    }
}
