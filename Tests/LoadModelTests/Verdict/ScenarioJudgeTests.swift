import LoadModel
import SaleCore
import Testing

@Suite struct SoldOutJudgeTests {
    @Test(
        arguments: [
            (0, 0, 0, 5, []), (1, 0, 0, 5, ["nothing_sold_beyond_stock"]), (2, 2, 0, 5, []), (3, 2, 1, 5, []),
            (0, 0, 0, 0, ["sold_out_is_said"]),
        ] as [(Int, Int64, Int64, Int, [String])])
    func nothingIsSoldBeyondWhatIsLeft(sold: Int, available: Int64, givenBack: Int64, refused: Int, failed: [String]) {
        var tally = Tally()
        var confirmed = ConfirmedOrders()
        for number in 0..<sold { confirmed.append(SaleJudgeTests.World.order(number), user: number, isCommitted: true) }
        for _ in 0..<refused { tally.ended(.soldOut, detail: nil, latency: 1, now: 1) }
        let findings = SoldOutJudge.findings(tally, confirmed: confirmed, quantity: 1, available: available, givenBack: givenBack)
        #expect(findings.filter { !$0.passed }.map(\.rule) == failed)
    }
}

@Suite struct BotsJudgeTests {
    /// Users 0 to 9 repeat their keys; user 1 has bought, cancelled and bought again.
    struct World {
        var confirmed = ConfirmedOrders()
        var ended = EndedOrders()
        var released: Set<OrderID> = []
        var honest = Tally()

        init() {
            buy(order: 1, user: 0)
            buy(order: 1, user: 0)
            buy(order: 2, user: 1)
            end(order: 2, user: 1, .cancelled)
            buy(order: 3, user: 1, intention: 1)
            serve(.committed)
        }

        mutating func buy(order: Int, user: Int, intention: Int = 0) {
            confirmed.append(SaleJudgeTests.World.order(order), user: user, isCommitted: true, intention: intention)
        }

        mutating func end(order: Int, user: Int, _ state: OrderState) {
            ended.append(.init(order: SaleJudgeTests.World.order(order), user: user, isCancellation: true, state: state))
        }

        mutating func serve(_ outcome: Outcome) {
            honest.takenUp(intended: 0, now: 0)
            honest.ended(outcome, detail: nil, latency: 1, now: 1)
        }

        var failed: [String] {
            let judge = BotsJudge(confirmed: confirmed, ended: ended, quantity: 1, limitPerUser: 1, replaying: 0..<10)
            return judge.findings(released: released, honest: honest, servedShareMin: 0.6).filter { !$0.passed }.map(\.rule)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var failed: [String]
        var change: @Sendable (inout World) -> Void

        init(_ name: String, _ failed: [String], _ change: @escaping @Sendable (inout World) -> Void) {
            self.testDescription = name
            self.failed = failed
            self.change = change
        }
    }

    static let rows: [Row] = [
        Row("a fair run", []) { _ in },
        Row("two orders under one key", ["one_order_per_key", "limit_in_answers"]) { $0.buy(order: 9, user: 0) },
        Row("two orders of a user without keys", ["limit_in_answers"]) {
            $0.buy(order: 10, user: 20)
            $0.buy(order: 11, user: 20)
        },
        Row("two orders of which one has expired", []) {
            $0.buy(order: 10, user: 20)
            $0.buy(order: 11, user: 20)
            $0.released = [SaleJudgeTests.World.order(10)]
        },
        Row("an order again whose cancellation failed", ["limit_in_answers"]) { $0.ended = EndedOrders() },
        Row("an honest buyer who came too late", []) { $0.serve(.soldOut) },
        Row("an honest buyer who was limited", ["honest_users_served"]) { $0.serve(.rateLimited) },
        Row("an honest buyer who got no answer", ["honest_users_served"]) { $0.serve(.unknown) },
        Row("no honest buyer at all", ["honest_users_served"]) { $0.honest = Tally() },
    ]

    @Test(arguments: rows)
    func verdictNamesTheRuleThatIsBroken(row: Row) {
        var world = World()
        row.change(&world)
        #expect(world.failed == row.failed)
    }
}

@Suite struct LifeJudgeTests {
    /// Four units, three orders: paid, cancelled, and expired without an answer.
    struct World {
        var confirmed = ConfirmedOrders()
        var ended = EndedOrders()
        var after = DatabaseReading(
            loaded: 4, committed: 1, limitPerUser: 1, inLiveOrders: 1, givenBack: 2, usersOverLimit: 0, rows: [])
        var available: Int64 = 3

        init() {
            for (number, state) in [OrderState.paid, .cancelled, .expired].enumerated() {
                confirmed.append(SaleJudgeTests.World.order(number), user: number, isCommitted: true)
                after.rows.append(.init(order: SaleJudgeTests.World.order(number), user: "u\(number)", quantity: 1, state: state))
                if number < 2 { end(number, state) }
            }
        }

        mutating func end(_ number: Int, _ state: OrderState) {
            ended.append(.init(order: SaleJudgeTests.World.order(number), user: number, isCancellation: state == .cancelled, state: state))
        }

        var failed: [String] {
            LifeJudge(confirmed: confirmed, ended: ended).findings(after: after, available: available).filter { !$0.passed }.map(\.rule)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var failed: [String]
        var change: @Sendable (inout World) -> Void

        init(_ name: String, _ failed: [String], _ change: @escaping @Sendable (inout World) -> Void) {
            self.testDescription = name
            self.failed = failed
            self.change = change
        }
    }

    static let rows: [Row] = [
        Row("three ends", []) { _ in },
        Row("an order paid and cancelled", ["one_end_in_answers"]) { $0.end(0, .cancelled) },
        Row("the same end told twice", []) { $0.end(0, .paid) },
        Row("a payment that was told and is not there", ["ends_as_answered"]) { $0.after.rows[0].state = .expired },
        Row("an order that never ended", ["every_order_has_ended"]) { $0.after.rows[2].state = .awaitingPayment },
        Row("an order that is gone", ["every_order_has_ended"]) { $0.after.rows.removeLast() },
        Row("a unit that did not come back", ["units_conserved"]) { $0.available = 2 },
        Row("a counter that forgot an order", ["units_conserved"]) {
            $0.after.committed = 0
            $0.available = 4
        },
    ]

    @Test(arguments: rows)
    func verdictNamesTheRuleThatIsBroken(row: Row) {
        var world = World()
        row.change(&world)
        #expect(world.failed == row.failed)
    }
}
