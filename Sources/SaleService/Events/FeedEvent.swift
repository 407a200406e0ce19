package import SaleCore

/// Something that happened and stands in Postgres, as readers of the feed get it.
package struct FeedEvent: Sendable, Equatable {
    /// Behind this event; its id, the same at every reading.
    package var position: EventPosition
    package var type: EventType
    package var at: Timestamp
    package var sale: SaleID
    package var sku: SKU?
    /// The order that an event of type `order.…` is about, as it is now.
    package var order: Order?
    /// Why, where the type does not say it: such as the payment's event, or an operator's reason.
    package var cause: String?
    /// The operator who did it.
    package var actor: String?

    package init(
        position: EventPosition, type: EventType, at: Timestamp, sale: SaleID, sku: SKU?, order: Order?, cause: String?, actor: String?
    ) {
        self.position = position
        self.type = type
        self.at = at
        self.sale = sale
        self.sku = sku
        self.order = order
        self.cause = cause
        self.actor = actor
    }

    package var id: String { position.eventID }
}
