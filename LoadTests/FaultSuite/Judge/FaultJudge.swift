import LoadModel

/// Holds what the buyers were told against what Postgres and the audit say, at rest. Pure.
struct FaultJudge: Sendable {
    var intentions: [Intention]
    var log: [BuyerExchange]
    var books: SaleBooks
    var audit: AuditReading
    /// More was wanted than there was, and the buyers asked until they heard a final word: nothing
    /// may be left.
    var mustSellOut = true
    /// An edge answers, too, for what it cannot hand on.
    var isBehindEdge = false

    var findings: [Finding] {
        let answers = OrderAnswers(intentions: intentions, log: log)
        let rows = Dictionary(books.orders.map { ($0.id, $0) }) { first, _ in first }
        return [
            documentedStatuses, noOversell(answers, rows), committedStand(answers, rows), reservedJudged(answers, rows),
            oneOrderPerKey(answers), sameAnswer(answers), limitPerUser, ownOrders(answers, rows), noStrangers, conserved, soldOut,
            noHiddenOrder(rows),
        ]
    }

    private var documentedStatuses: Finding {
        let strange = log.compactMap(\.answer).filter { !$0.isDocumented && !(isBehindEdge && $0.isOfEdge) }
        return Finding(
            "documented_statuses", strange.isEmpty,
            "\(log.count) requests, \(strange.count) answers outside the contract" + Self.examples(strange.map(\.summary)))
    }

    /// In Postgres, and over all that the buyers were told.
    private func noOversell(_ answers: OrderAnswers, _ rows: [String: SaleBooks.Order]) -> Finding {
        var excess = 0
        var texts: [String] = []
        for item in books.stock {
            let live = books.orders.filter { $0.sku == item.sku && $0.isLive }.reduce(0) { $0 + $1.quantity }
            let told = answers.committed.filter { intentions[$0.value].sku == item.sku }
                .filter { rows[$0.key].map { $0.state != "cancelled" && $0.state != "expired" } ?? true }
                .reduce(0) { $0 + intentions[$1.value].quantity }
            excess += max(0, live - item.loaded) + max(0, told - item.loaded) + abs(live - item.committed)
            texts.append("\(item.sku): \(item.loaded) loaded, \(live) in live orders, \(item.committed) counted, \(told) confirmed to buyers")
        }
        return Finding("no_oversell", excess == 0 && !books.stock.isEmpty, texts.joined(separator: "; "))
    }

    private func committedStand(_ answers: OrderAnswers, _ rows: [String: SaleBooks.Order]) -> Finding {
        let lost = answers.committed.keys.filter { rows[$0].map { $0.state == "rejected" } ?? true }
        return Finding(
            "confirmed_orders_stand", lost.isEmpty, "\(answers.committed.count) orders answered 201, \(lost.count) lost" + Self.examples(lost))
    }

    /// Even if Redis lost them: the node that answered holds them, too, until Postgres has judged.
    private func reservedJudged(_ answers: OrderAnswers, _ rows: [String: SaleBooks.Order]) -> Finding {
        let open = answers.reserved.keys.filter { rows[$0].map { $0.state == "reserved" } ?? true }
        return Finding(
            "reserved_orders_judged", open.isEmpty,
            "\(answers.reserved.count) orders answered 202 only, \(open.count) without a verdict" + Self.examples(open))
    }

    private func oneOrderPerKey(_ answers: OrderAnswers) -> Finding {
        let told = answers.ordersOfIntention.values.map(\.count)
        let keyed = Dictionary(grouping: books.orders.filter { $0.key != nil && $0.state != "rejected" }) { "\($0.user) \($0.key ?? "")" }
        let doubled = told.count { $0 > 1 } + keyed.values.count { $0.count > 1 }
        return Finding(
            "one_order_per_key", doubled == 0, "\(answers.ordersOfIntention.count) intentions were answered with orders, \(doubled) with two")
    }

    /// After the first 201 of a key nothing else is heard, to the byte.
    private func sameAnswer(_ answers: OrderAnswers) -> Finding {
        let differing = answers.bodiesOfKey.filter { Set($0.value).count > 1 }
        return Finding(
            "same_answer_per_key", differing.isEmpty && answers.stepsBack == 0,
            "\(answers.bodiesOfKey.count) keys answered 201, \(differing.count) with differing bodies, \(answers.stepsBack) answered 202 after 201")
    }

    private var limitPerUser: Finding {
        let limits = Dictionary(books.stock.map { ($0.sku, $0.limitPerUser) }) { first, _ in first }
        let units = Dictionary(grouping: books.orders.filter(\.isLive)) { "\($0.user) \($0.sku)" }
        let over = units.values.count { orders in
            orders.reduce(0) { $0 + $1.quantity } > limits[orders[0].sku] ?? 0
        }
        return Finding("limit_per_user", over == 0, "\(units.count) users hold units, \(over) of them too many")
    }

    private func ownOrders(_ answers: OrderAnswers, _ rows: [String: SaleBooks.Order]) -> Finding {
        let foreign = answers.owners.filter { id, intention in
            rows[id].map {
                let wanted = intentions[intention]
                return $0.user != wanted.user || $0.sku != wanted.sku || $0.quantity != wanted.quantity
                    || ($0.state != "rejected" && $0.key != wanted.key)
            } ?? false
        }
        let shared = answers.sharedOrders
        return Finding(
            "orders_as_ordered", foreign.isEmpty && shared == 0,
            "\(answers.owners.count) orders answered, \(foreign.count) stand otherwise, \(shared) were answered to two users")
    }

    private var noStrangers: Finding {
        let known = Set(intentions.map(\.user))
        let strangers = books.orders.filter { !known.contains($0.user) }
        return Finding("no_unwanted_orders", strangers.isEmpty, "\(books.orders.count) orders, \(strangers.count) of users who asked for none")
    }

    private var conserved: Finding { Finding("units_conserved", audit.isAtRest, audit.summary) }

    private var soldOut: Finding {
        let left = books.stock.reduce(0) { $0 + $1.loaded - $1.committed }
        return Finding(
            "nothing_left_unsold", !mustSellOut || (left == 0 && audit.available == 0),
            "\(left) units left in Postgres, \(audit.available) in Redis\(mustSellOut ? "" : " (not all of it was wanted)")")
    }

    /// Whoever heard a final no for a key has no order under it.
    private func noHiddenOrder(_ rows: [String: SaleBooks.Order]) -> Finding {
        let keyed = Dictionary(grouping: books.orders.filter { $0.isLive && $0.key != nil }) { "\($0.user) \($0.key ?? "")" }
        var last: [Int: BuyerExchange] = [:]
        for exchange in log where exchange.answer != nil {
            if last[exchange.intention].map({ $0.endedAt < exchange.endedAt }) ?? true { last[exchange.intention] = exchange }
        }
        let hidden = last.filter { index, exchange in
            guard let code = exchange.answer?.code, ["sold_out", "limit_reached", "closed", "paused"].contains(code) else { return false }
            return intentions[index].key.map { keyed["\(intentions[index].user) \($0)"] != nil } ?? false
        }
        return Finding("refusals_hide_no_order", hidden.isEmpty, "\(hidden.count) buyers heard a no for a key that has a live order")
    }

    private static func examples(_ texts: [String]) -> String {
        texts.isEmpty ? "" : ", such as " + Set(texts).sorted().prefix(3).joined(separator: ", ")
    }
}
