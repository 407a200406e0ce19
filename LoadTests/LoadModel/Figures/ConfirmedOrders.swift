package import SaleCore

/// Every order that an answer promised, and to whom.
package struct ConfirmedOrders: Sendable {
    package struct Entry: Sendable, Equatable {
        package var order: OrderID
        /// Which user, from 0.
        package var user: Int
        /// 201; otherwise 202.
        package var isCommitted: Bool
        /// Which of the user's wishes to buy it serves.
        package var intention: Int

        package init(order: OrderID, user: Int, isCommitted: Bool, intention: Int = 0) {
            self.order = order
            self.user = user
            self.isCommitted = isCommitted
            self.intention = intention
        }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package mutating func append(_ order: OrderID, user: Int, isCommitted: Bool, intention: Int = 0) {
        entries.append(Entry(order: order, user: user, isCommitted: isCommitted, intention: intention))
    }

    package mutating func add(_ other: ConfirmedOrders) {
        entries += other.entries
    }
}
