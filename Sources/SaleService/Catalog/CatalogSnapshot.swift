package import SaleCore

/// All sales as a node last saw them. May be used to refuse, never to grant.
package struct CatalogSnapshot: Sendable {
    package var sales: [SaleID: SaleSnapshot]
    /// Those that are not sold because their numbers are not proven, in the order of their ids. A
    /// sale that is long over is none of them.
    package var unproven: [SaleID]
    package var clock: StockClock

    package init(sales: [SaleID: SaleSnapshot], unproven: [SaleID], clock: StockClock) {
        self.sales = sales
        self.unproven = unproven
        self.clock = clock
    }
}

/// What a look found that purchase lanes must hear of.
package struct LaneUpdate: Sendable {
    /// Sales that are not as the lanes know them, and those that a lane suspected.
    package var changed: [SaleSnapshot]
    /// Sales that are no more.
    package var removed: [SaleID]
    /// When the reading began: what was suspected later is not cleared by it.
    package var startedAt: MonotonicInstant
    package var clock: StockClock
    /// The Redis that answered; `nil` when none did.
    package var run: String?

    package init(changed: [SaleSnapshot], removed: [SaleID] = [], startedAt: MonotonicInstant, clock: StockClock, run: String?) {
        self.changed = changed
        self.removed = removed
        self.startedAt = startedAt
        self.clock = clock
        self.run = run
    }
}

/// An estimate of Redis's clock from this node's monotonic one, so that a jump of the node's wall
/// clock opens or closes no sale.
package struct StockClock: Sendable, Equatable {
    /// Redis's milliseconds minus the monotonic clock's.
    package var offsetMilliseconds: Int64

    package init(offsetMilliseconds: Int64) {
        self.offsetMilliseconds = offsetMilliseconds
    }

    /// Redis said `time` just before the monotonic clock showed `now`.
    package init(reading time: Timestamp, at now: MonotonicInstant) {
        offsetMilliseconds = time.milliseconds - Int64(now.nanoseconds / 1_000_000)
    }

    package func time(at now: MonotonicInstant) -> Timestamp {
        Timestamp(milliseconds: Int64(now.nanoseconds / 1_000_000) + offsetMilliseconds)
    }
}
