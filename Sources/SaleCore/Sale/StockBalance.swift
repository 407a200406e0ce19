/// The books of one SKU, gathered from Redis and Postgres while nothing is under way, and the rules
/// that they must satisfy.
package struct StockBalance: Sendable, Equatable {
    package var sale: SaleID
    package var sku: SKU
    /// Units ever put on sale, in Postgres.
    package var loaded: Int64
    /// Units in live orders by the counter beside the stock, in Postgres.
    package var committed: Int64
    /// Units in live orders, summed over the orders themselves, in Postgres.
    package var inLiveOrders: Int64
    /// Units that Redis would still grant; `nil` when Redis does not hold the SKU.
    package var available: Int64?
    /// Units that Redis granted and Postgres does not hold yet.
    package var inFlight: Int64
    package var limitPerUser: Int
    /// Users whose live orders hold more units than the limit under which they last bought.
    package var usersOverLimit: Int64

    package init(
        sale: SaleID, sku: SKU, loaded: Int64, committed: Int64, inLiveOrders: Int64, available: Int64?, inFlight: Int64,
        limitPerUser: Int, usersOverLimit: Int64
    ) {
        self.sale = sale
        self.sku = sku
        self.loaded = loaded
        self.committed = committed
        self.inLiveOrders = inLiveOrders
        self.available = available
        self.inFlight = inFlight
        self.limitPerUser = limitPerUser
        self.usersOverLimit = usersOverLimit
    }

    /// A rule that the books break.
    package enum Breach: Sendable, Equatable {
        /// I1: more units in live orders than were ever loaded.
        case oversold(by: Int64)
        /// I1: the counter and the orders disagree.
        case miscounted(counter: Int64, orders: Int64)
        /// I4: units that nobody holds and nobody can buy.
        case leaked(Int64)
        /// I4: units that Redis would sell and that do not exist.
        case minted(Int64)
        /// I4: Redis does not hold the SKU, so its books cannot be closed.
        case notLoaded
        /// I6: users beyond `limit_per_user`.
        case limitExceeded(users: Int64)
    }

    /// Every rule that is broken; empty when the books balance.
    package var breaches: [Breach] {
        var found: [Breach] = []
        if inLiveOrders > loaded { found.append(.oversold(by: inLiveOrders - loaded)) }
        if inLiveOrders != committed { found.append(.miscounted(counter: committed, orders: inLiveOrders)) }
        if let available {
            let missing = loaded - available - inFlight - inLiveOrders
            if missing > 0 { found.append(.leaked(missing)) }
            if missing < 0 { found.append(.minted(-missing)) }
        } else {
            found.append(.notLoaded)
        }
        if usersOverLimit > 0 { found.append(.limitExceeded(users: usersOverLimit)) }
        return found
    }
}

extension StockBalance.Breach: CustomStringConvertible {
    package var description: String {
        switch self {
        case .oversold(let units): "I1 oversold by \(units)"
        case .miscounted(let counter, let orders): "I1 committed says \(counter), live orders hold \(orders)"
        case .leaked(let units): "I4 \(units) units leaked"
        case .minted(let units): "I4 \(units) units minted"
        case .notLoaded: "I4 not loaded in Redis"
        case .limitExceeded(let users): "I6 \(users) users over the limit"
        }
    }
}
