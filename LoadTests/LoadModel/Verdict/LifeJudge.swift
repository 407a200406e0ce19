import SaleCore

/// Rules of a run whose orders are paid, cancelled, or left to expire.
package struct LifeJudge: Sendable {
    package var confirmed: ConfirmedOrders
    package var ended: EndedOrders

    package init(confirmed: ConfirmedOrders, ended: EndedOrders) {
        self.confirmed = confirmed
        self.ended = ended
    }

    /// The rules that need no database.
    package var findings: [Finding] {
        let several = ends.values.count { $0.count > 1 }
        return [Finding("one_end_in_answers", several == 0, "\(ends.count) orders answered as ended, \(several) of them in several ways")]
    }

    /// Every rule, at rest.
    ///
    /// - Parameter available: units that the service shows.
    package func findings(after: DatabaseReading, available: Int64) -> [Finding] {
        let rows = Dictionary(after.rows.map { ($0.order, $0.state) }, uniquingKeysWith: { first, _ in first })
        let orders = Set(confirmed.entries.map(\.order))
        let states = OrderState.allCases.map { state in (state, orders.count { rows[$0] == state }) }
        let open = orders.count { rows[$0].map { !$0.successors.isEmpty } ?? true }
        let otherwise = ends.count { order, ends in rows[order].map { !ends.contains($0) } ?? true }
        let free = after.loaded - after.committed
        return findings + [
            Finding(
                "every_order_has_ended", open == 0,
                "\(orders.count) orders: " + states.filter { $1 > 0 }.map { "\($1) \($0.rawValue)" }.joined(separator: ", ")
                    + ", \(open) without an end"),
            Finding("ends_as_answered", otherwise == 0, "\(ends.count) orders answered as ended, \(otherwise) of them stand otherwise"),
            Finding(
                "units_conserved", free == available && after.committed == after.inLiveOrders,
                "\(after.loaded) loaded, \(after.inLiveOrders) in live orders, \(free) left by the database, \(available) by the service"),
        ]
    }

    /// The final states that were answered, by order.
    private var ends: [OrderID: Set<OrderState>] {
        ended.entries.reduce(into: [:]) { ends, entry in
            if entry.state.successors.isEmpty { ends[entry.order, default: []].insert(entry.state) }
        }
    }
}
