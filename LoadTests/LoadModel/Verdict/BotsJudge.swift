package import SaleCore

/// Rules of a run in which some of the users do not play fair.
package struct BotsJudge: Sendable {
    package var confirmed: ConfirmedOrders
    package var ended: EndedOrders
    /// Units per purchase, and units that a user may hold.
    package var quantity: Int64
    package var limitPerUser: Int64
    /// The users who repeat their keys.
    package var replaying: Range<Int>

    package init(confirmed: ConfirmedOrders, ended: EndedOrders, quantity: Int64, limitPerUser: Int64, replaying: Range<Int>) {
        self.confirmed = confirmed
        self.ended = ended
        self.quantity = quantity
        self.limitPerUser = limitPerUser
        self.replaying = replaying
    }

    /// - Parameters:
    ///   - released: orders that the database says have ended, if there is one.
    ///   - honest: counts of those who play fair.
    ///   - servedShareMin: from 0 to 1.
    package func findings(released: Set<OrderID>, honest: Tally, servedShareMin: Double) -> [Finding] {
        [sameOrderPerKey, limitHolds(released: released), Self.honestAreServed(honest, servedShareMin)]
    }

    private var sameOrderPerKey: Finding {
        struct Key: Hashable {
            var user: Int
            var intention: Int
        }
        var orders: [Key: Set<OrderID>] = [:]
        for entry in confirmed.entries where replaying.contains(entry.user) {
            orders[Key(user: entry.user, intention: entry.intention), default: []].insert(entry.order)
        }
        let several = orders.values.count { $0.count > 1 }
        return Finding("one_order_per_key", several == 0, "\(orders.count) keys answered with an order, \(several) of them with several")
    }

    private func limitHolds(released: Set<OrderID>) -> Finding {
        var held: [Int: Set<OrderID>] = [:]
        for entry in confirmed.entries where entry.isCommitted && !released.contains(entry.order) {
            held[entry.user, default: []].insert(entry.order)
        }
        for entry in ended.entries where entry.state == .cancelled || entry.state == .expired { held[entry.user]?.remove(entry.order) }
        let over = held.values.count { Int64($0.count) * quantity > limitPerUser }
        return Finding("limit_in_answers", over == 0, "\(held.count) users hold orders, \(over) of them more than \(limitPerUser) units")
    }

    /// Being told that everything is sold is an answer; being limited, shed or left without one is
    /// not.
    private static func honestAreServed(_ honest: Tally, _ shareMin: Double) -> Finding {
        let served = honest.count { $0.group == .ok || $0 == .soldOut || $0 == .limitReached }
        let share = honest.offered > 0 ? Double(served) / Double(honest.offered) : 0
        return Finding(
            "honest_users_served", share >= shareMin,
            "\(served) of \(honest.offered) purchases, \(TableReport.decimal(share * 100, 2)) %, at least \(TableReport.decimal(shareMin * 100, 2)) %"
        )
    }
}
