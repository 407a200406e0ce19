/// What an event tells of, such as `order.paid`. A text and no closed list: a node of a newer
/// version may write types that this one passes on.
package struct EventType: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    package static let orderCommitted = EventType("order.committed")
    package static let orderPaid = EventType("order.paid")
    package static let orderCancelled = EventType("order.cancelled")
    package static let orderExpired = EventType("order.expired")
    package static let orderRejected = EventType("order.rejected")
    package static let orderRefundDue = EventType("order.refund_due")
    package static let orderRefunded = EventType("order.refunded")
    package static let saleChanged = EventType("sale.changed")
    package static let salePaused = EventType("sale.paused")
    package static let saleResumed = EventType("sale.resumed")
    package static let saleClosed = EventType("sale.closed")
    package static let stockChanged = EventType("stock.changed")

    /// Those that this version writes, and that a reader may ask for.
    package static let all: [EventType] = [
        .orderCommitted, .orderPaid, .orderCancelled, .orderExpired, .orderRejected, .orderRefundDue, .orderRefunded, .saleChanged, .salePaused,
        .saleResumed, .saleClosed, .stockChanged,
    ]
}
