package import SaleCore

/// Every answer to a payment or a cancellation that told an order's state.
package struct EndedOrders: Sendable {
    package struct Entry: Sendable, Equatable {
        package var order: OrderID
        /// Which user, from 0.
        package var user: Int
        package var isCancellation: Bool
        /// The state that the answer told.
        package var state: OrderState

        package init(order: OrderID, user: Int, isCancellation: Bool, state: OrderState) {
            self.order = order
            self.user = user
            self.isCancellation = isCancellation
            self.state = state
        }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    package mutating func add(_ other: EndedOrders) {
        entries += other.entries
    }
}
