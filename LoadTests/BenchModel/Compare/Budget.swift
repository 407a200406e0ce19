/// What a figure shall be, and what it is.
package struct Budget: Sendable, Equatable {
    package enum Bound: Sendable, Equatable {
        case atLeast(Double)
        case atMost(Double)
    }

    package var title: String
    package var bound: Bound
    package var measured: Spread
    package var unit: String
    package var digits: Int

    package init(title: String, bound: Bound, measured: Spread, unit: String, digits: Int) {
        self.title = title
        self.bound = bound
        self.measured = measured
        self.unit = unit
        self.digits = digits
    }

    /// By the median.
    package var isMet: Bool {
        switch bound {
        case .atLeast(let least): measured.median >= least
        case .atMost(let most): measured.median <= most
        }
    }

    package var boundText: String {
        switch bound {
        case .atLeast(let least): "≥ \(Figure.text(least, digits: digits))\(unit)"
        case .atMost(let most): "≤ \(Figure.text(most, digits: digits))\(unit)"
        }
    }
}

extension CompareReport {
    /// Those that this report has figures for.
    package var budgets: [Budget] {
        func milliseconds(_ microseconds: Int?) -> Double? { microseconds.map { Double($0) / 1_000 } }
        let overRival = compare(.serviceBuys) { round, rival in
            guard let ours = milliseconds(round.idle?.p50), let theirs = milliseconds(rival.idle?.p50) else { return nil }
            return ours - theirs
        }
        let all: [(String, Budget.Bound, Spread?, String, Int)] = [
            ("buying: requests/s ÷ nginx + Lua + Redis, the faster variant", .atLeast(2), ratio(.serviceBuys), "", 2),
            ("buying: server CPU ÷ nginx's fixed answer", .atMost(3), costRatio(.serviceBuys), "", 2),
            ("buying at half load: p50", .atMost(3.5), spread(.serviceBuys) { milliseconds($0.halfLoad?.p50) }, " ms", 2),
            ("buying at half load: p99", .atMost(10), spread(.serviceBuys) { milliseconds($0.halfLoad?.p99) }, " ms", 2),
            ("buying, one client: p50 above that of nginx + Lua + Redis", .atMost(1.3), overRival, " ms", 2),
            ("refusing on one core: requests/s ÷ nginx's fixed answer", .atLeast(0.9), ratio(.serviceRefusesOnOneCore), "", 2),
            ("refusing on one core: CPU ÷ nginx's fixed answer", .atMost(1.15), costRatio(.serviceRefusesOnOneCore), "", 2),
        ]
        return all.compactMap { title, bound, measured, unit, digits in
            measured.map { Budget(title: title, bound: bound, measured: $0, unit: unit, digits: digits) }
        }
    }
}
