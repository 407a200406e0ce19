import SaleCore

/// Holds what the clients were told against what the database says. Knows nothing of how the
/// service works.
package struct SaleJudge: Sendable {
    package var tally: Tally
    package var confirmed: ConfirmedOrders
    /// Units per purchase.
    package var quantity: Int64
    /// The name of each user.
    package var userName: @Sendable (Int) -> String

    package init(tally: Tally, confirmed: ConfirmedOrders, quantity: Int64, userName: @escaping @Sendable (Int) -> String) {
        self.tally = tally
        self.confirmed = confirmed
        self.quantity = quantity
        self.userName = userName
    }

    /// The rules that need no database.
    package var findings: [Finding] {
        let judged = tally.count(where: \.isJudged)
        let owners = Owners(confirmed)
        return [
            Finding("answers_about_the_sale", judged > 0, "\(judged) of \(tally.offered) purchases were answered yes or no"),
            Finding("one_buyer_per_order", owners.shared == 0, "\(owners.users.count) orders answered, \(owners.shared) of them to two users"),
        ]
    }

    /// Every rule, at rest: nothing is under way, and whatever was reserved has its verdict.
    ///
    /// - Parameter before: read before the first purchase.
    package func findings(before: DatabaseReading, after: DatabaseReading) -> [Finding] {
        let owners = Owners(confirmed)
        let rows = Dictionary(after.rows.map { ($0.order, $0) }, uniquingKeysWith: { first, _ in first })
        return findings + [
            Finding(
                "no_oversell", after.inLiveOrders <= after.loaded, "\(after.inLiveOrders) units in live orders, \(after.loaded) loaded"),
            Finding(
                "stock_counter", after.committed == after.inLiveOrders,
                "committed says \(after.committed), live orders hold \(after.inLiveOrders)"),
            committedStand(owners, rows),
            reservedAreJudged(owners, rows),
            belongToTheirBuyers(owners, rows),
            Finding(
                "limit_per_user", after.usersOverLimit == 0, "\(after.usersOverLimit) users hold more than \(after.limitPerUser) units"),
            confirmedWithinStock(owners, rows, loaded: after.loaded),
            rowsAreAccounted(owners, before: before, after: after),
            everythingSold(before: before, after: after),
        ]
    }

    /// I2.
    private func committedStand(_ owners: Owners, _ rows: [OrderID: DatabaseReading.Row]) -> Finding {
        let missing = owners.committed.count { rows[$0] == nil }
        let rejected = owners.committed.count { rows[$0]?.state == .rejected }
        return Finding(
            "confirmed_orders_stand", missing + rejected == 0,
            "\(owners.committed.count) orders answered 201, \(missing) of them missing and \(rejected) rejected")
    }

    /// I3.
    private func reservedAreJudged(_ owners: Owners, _ rows: [OrderID: DatabaseReading.Row]) -> Finding {
        let open = owners.users.keys.count { !owners.committed.contains($0) && (rows[$0].map { $0.state == .reserved } ?? true) }
        return Finding(
            "reserved_orders_judged", open == 0,
            "\(owners.users.count - owners.committed.count) orders answered only 202, \(open) of them without a verdict")
    }

    /// I11.
    private func belongToTheirBuyers(_ owners: Owners, _ rows: [OrderID: DatabaseReading.Row]) -> Finding {
        let foreign = owners.users.count { order, user in rows[order].map { $0.user != userName(user) || $0.quantity != quantity } ?? false }
        return Finding("orders_as_ordered", foreign == 0, "\(foreign) orders stand under another user or with another quantity than answered")
    }

    /// I1 over the answers themselves. Units of orders that ended since may have been sold again.
    private func confirmedWithinStock(_ owners: Owners, _ rows: [OrderID: DatabaseReading.Row], loaded: Int64) -> Finding {
        let ended = owners.committed.count { rows[$0].map { $0.state == .cancelled || $0.state == .expired } ?? false }
        let units = Int64(owners.committed.count - ended) * quantity
        return Finding(
            "answers_within_stock", units <= loaded, "\(units) units answered 201 and not given back since, \(loaded) loaded")
    }

    /// Orders that nobody was told of can only come from purchases whose answer was lost.
    private func rowsAreAccounted(_ owners: Owners, before: DatabaseReading, after: DatabaseReading) -> Finding {
        let known = Set(before.rows.map(\.order))
        let untold = after.rows.count { $0.state != .rejected && !known.contains($0.order) && owners.users[$0.order] == nil }
        let lost = tally.count(where: \.mayHaveBought)
        return Finding(
            "every_order_was_answered", untold <= lost, "\(untold) orders stand that no answer named, \(lost) purchases have no clear answer")
    }

    /// I10: nobody is sent away while units are left. Fewer than one purchase's units may be, and
    /// those that came back since.
    private func everythingSold(before: DatabaseReading, after: DatabaseReading) -> Finding {
        let left = after.loaded - after.committed
        let refusals = tally.count(.soldOut)
        let allowance = quantity - 1 + max(0, after.givenBack - before.givenBack)
        return Finding(
            "nothing_left_unsold", refusals == 0 || left <= allowance, "\(left) units left, \(refusals) purchases refused as sold out")
    }
}

/// The answers, by order.
private struct Owners {
    /// Of every order that was answered, 201 or 202, the user who heard of it first.
    var users: [OrderID: Int] = [:]
    var committed: Set<OrderID> = []
    /// Orders that were answered to more than one user.
    var shared = 0

    init(_ confirmed: ConfirmedOrders) {
        users.reserveCapacity(confirmed.entries.count)
        var sharedOrders: Set<OrderID> = []
        for entry in confirmed.entries {
            if let first = users.updateValue(entry.user, forKey: entry.order), first != entry.user {
                users[entry.order] = first
                sharedOrders.insert(entry.order)
            }
            if entry.isCommitted { committed.insert(entry.order) }
        }
        shared = sharedOrders.count
    }
}
