package import SaleCore

/// What the database says of one SKU of one sale, at one instant.
package struct DatabaseReading: Sendable, Equatable {
    /// An order of one of the run's users.
    package struct Row: Sendable, Equatable {
        package var order: OrderID
        package var user: String
        package var quantity: Int64
        package var state: OrderState

        package init(order: OrderID, user: String, quantity: Int64, state: OrderState) {
            self.order = order
            self.user = user
            self.quantity = quantity
            self.state = state
        }
    }

    package var loaded: Int64
    package var committed: Int64
    package var limitPerUser: Int64
    /// Units in live orders, summed over all orders of the SKU.
    package var inLiveOrders: Int64
    /// Units in cancelled and expired orders, summed over all orders of the SKU.
    package var givenBack: Int64
    /// Users of the SKU whose live orders hold more than `limitPerUser` units.
    package var usersOverLimit: Int64
    package var rows: [Row]

    package init(
        loaded: Int64, committed: Int64, limitPerUser: Int64, inLiveOrders: Int64, givenBack: Int64, usersOverLimit: Int64, rows: [Row]
    ) {
        self.loaded = loaded
        self.committed = committed
        self.limitPerUser = limitPerUser
        self.inLiveOrders = inLiveOrders
        self.givenBack = givenBack
        self.usersOverLimit = usersOverLimit
        self.rows = rows
    }
}
