import LoadModel
import SaleCore
import Testing

@Suite struct SaleJudgeTests {
    /// Ten units loaded, three bought by users 0 to 2 in this run, seven by earlier ones; two
    /// purchases were refused as sold out.
    struct World {
        var tally = Tally()
        var confirmed = ConfirmedOrders()
        var before = DatabaseReading(
            loaded: 10, committed: 7, limitPerUser: 1, inLiveOrders: 7, givenBack: 0, usersOverLimit: 0, rows: [])
        var after = DatabaseReading(
            loaded: 10, committed: 10, limitPerUser: 1, inLiveOrders: 10, givenBack: 0, usersOverLimit: 0, rows: [])
        var quantity: Int64 = 1

        init() {
            for user in 0..<3 {
                answer(.committed)
                confirmed.append(Self.order(user), user: user, isCommitted: true)
                after.rows.append(.init(order: Self.order(user), user: "u\(user)", quantity: 1, state: .awaitingPayment))
            }
            for _ in 0..<2 { answer(.soldOut) }
        }

        static func order(_ number: Int) -> OrderID { OrderID(high: 0x7000, low: UInt64(number) | 1 << 63) }

        mutating func answer(_ outcome: Outcome) {
            tally.takenUp(intended: 0, now: 0)
            tally.ended(outcome, detail: nil, latency: 1, now: 1)
        }

        var failed: [String] {
            let judge = SaleJudge(tally: tally, confirmed: confirmed, quantity: quantity) { "u\($0)" }
            return judge.findings(before: before, after: after).filter { !$0.passed }.map(\.rule)
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
        Row("an honest sale", []) { _ in },
        Row("a unit sold twice", ["no_oversell"]) {
            $0.after.inLiveOrders = 11
            $0.after.committed = 11
        },
        Row("a counter that forgot an order", ["stock_counter", "nothing_left_unsold"]) { $0.after.committed = 9 },
        Row("a confirmed order that is gone", ["confirmed_orders_stand"]) { $0.after.rows.removeLast() },
        Row("a confirmed order that was rejected", ["confirmed_orders_stand"]) { $0.after.rows[0].state = .rejected },
        Row("a confirmed order that was paid since", []) { $0.after.rows[0].state = .paid },
        Row("a reserved order that was committed", []) { world in
            world.answer(.reserved)
            world.confirmed.append(World.order(9), user: 9, isCommitted: false)
            world.after.rows.append(.init(order: World.order(9), user: "u9", quantity: 1, state: .awaitingPayment))
        },
        Row("a reserved order that was rejected", []) { world in
            world.answer(.reserved)
            world.confirmed.append(World.order(9), user: 9, isCommitted: false)
            world.after.rows.append(.init(order: World.order(9), user: "u9", quantity: 1, state: .rejected))
        },
        Row("a reserved order that nobody judged", ["reserved_orders_judged"]) { world in
            world.answer(.reserved)
            world.confirmed.append(World.order(9), user: 9, isCommitted: false)
        },
        Row("one order for two users", ["one_buyer_per_order"]) { $0.confirmed.append(World.order(0), user: 5, isCommitted: true) },
        Row("one order answered twice to its user", []) { $0.confirmed.append(World.order(0), user: 0, isCommitted: true) },
        Row("an order under another user", ["orders_as_ordered"]) { $0.after.rows[1].user = "u7" },
        Row("an order of another quantity", ["orders_as_ordered"]) { $0.after.rows[1].quantity = 2 },
        Row("a user beyond the limit", ["limit_per_user"]) { $0.after.usersOverLimit = 1 },
        Row("more confirmed than there ever was", ["no_oversell", "answers_within_stock"]) {
            $0.after.loaded = 2
            $0.after.committed = 3
            $0.after.inLiveOrders = 3
        },
        Row("confirmed, given back and sold again", []) {
            $0.before.committed = 0
            $0.before.inLiveOrders = 0
            $0.after.loaded = 2
            $0.after.committed = 2
            $0.after.inLiveOrders = 2
            $0.after.givenBack = 1
            $0.after.rows[0].state = .expired
        },
        Row("an order that nobody was told of", ["every_order_was_answered"]) {
            $0.after.rows.append(.init(order: World.order(8), user: "u8", quantity: 1, state: .awaitingPayment))
        },
        Row("an order whose answer was lost", []) {
            $0.after.rows.append(.init(order: World.order(8), user: "u8", quantity: 1, state: .awaitingPayment))
            $0.answer(.unknown)
        },
        Row("an order behind a 500", []) {
            $0.after.rows.append(.init(order: World.order(8), user: "u8", quantity: 1, state: .awaitingPayment))
            $0.answer(.error)
        },
        Row("an order behind a 503", ["every_order_was_answered"]) {
            $0.after.rows.append(.init(order: World.order(8), user: "u8", quantity: 1, state: .awaitingPayment))
            $0.answer(.shed)
        },
        Row("an order of the users from before the run", []) {
            let row = DatabaseReading.Row(order: World.order(8), user: "u8", quantity: 1, state: .awaitingPayment)
            $0.before.rows.append(row)
            $0.after.rows.append(row)
        },
        Row("a rejected order whose buyer heard sold out", []) {
            $0.after.rows.append(.init(order: World.order(8), user: "u8", quantity: 1, state: .rejected))
        },
        Row("units left while people were sent away", ["nothing_left_unsold"]) {
            $0.after.committed = 9
            $0.after.inLiveOrders = 9
        },
        Row("units left that came back during the run", []) {
            $0.after.committed = 9
            $0.after.inLiveOrders = 9
            $0.after.givenBack = 1
        },
        Row("fewer units left than one purchase wants", []) { world in
            world.quantity = 2
            world.after.rows = world.after.rows.map { .init(order: $0.order, user: $0.user, quantity: 2, state: $0.state) }
            world.after.committed = 9
            world.after.inLiveOrders = 9
        },
        Row("nobody was answered about the sale", ["answers_about_the_sale"]) {
            $0 = World()
            $0.tally = Tally()
            $0.answer(.refused)
        },
    ]

    @Test(arguments: rows)
    func verdictNamesTheRuleThatIsBroken(row: Row) {
        var world = World()
        row.change(&world)
        #expect(world.failed == row.failed)
    }

    @Test func unitsMayBeLeftWhenNobodyWasSentAway() {
        var world = World()
        world.tally = Tally()
        world.answer(.committed)
        world.after.committed = 5
        world.after.inLiveOrders = 5
        #expect(world.failed.isEmpty)
    }
}
