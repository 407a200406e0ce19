package import SaleCore

/// Every order that an answer promised, and to whom.
package struct ConfirmedOrders: Sendable {
    package struct Entry: Sendable, Equatable {
        package var order: OrderID
        /// Which user, from 0.
        package var user: Int
        /// 201; otherwise 202.
        package var isCommitted: Bool

        package init(order: OrderID, user: Int, isCommitted: Bool) {
            self.order = order
            self.user = user
            self.isCommitted = isCommitted
        }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package mutating func append(_ order: OrderID, user: Int, isCommitted: Bool) {
        entries.append(Entry(order: order, user: user, isCommitted: isCommitted))
    }

    package mutating func add(_ other: ConfirmedOrders) {
        entries += other.entries
    }
}
