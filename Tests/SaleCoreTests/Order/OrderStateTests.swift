import SaleCore
import Testing

@Suite struct OrderStateTests {
    static let edges: [OrderState: Set<OrderState>] = [
        .reserved: [.awaitingPayment, .rejected],
        .awaitingPayment: [.paid, .cancelled, .expired],
        .paid: [], .cancelled: [], .expired: [], .rejected: [],
    ]

    @Test(arguments: OrderState.allCases)
    func successorsAreThoseOfTheContract(state: OrderState) {
        #expect(state.successors == Self.edges[state])
    }

    /// I7: no walk along the successors ever comes back.
    @Test(arguments: OrderState.allCases)
    func statesOnlyMoveForward(start: OrderState) {
        var reached: Set<OrderState> = []
        var frontier = start.successors
        while let state = frontier.popFirst() {
            if reached.insert(state).inserted { frontier.formUnion(state.successors) }
        }
        #expect(!reached.contains(start))
    }

    /// Units go back at most once: nothing leads from a released order to a live one.
    @Test(arguments: OrderState.allCases)
    func releasedOrderIsNeverLiveAgain(state: OrderState) {
        guard !state.isLive else { return }
        #expect(state.successors.isEmpty)
    }

    @Test func liveStatesAreThoseThatHoldUnits() {
        #expect(Set(OrderState.allCases.filter(\.isLive)) == [.reserved, .awaitingPayment, .paid])
    }

    @Test func namesAreThoseOfTheContract() {
        #expect(OrderState.allCases.map(\.rawValue) == ["reserved", "awaiting_payment", "paid", "cancelled", "expired", "rejected"])
    }
}
