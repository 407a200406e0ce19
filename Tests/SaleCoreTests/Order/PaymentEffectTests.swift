import SaleCore
import Testing

@Suite struct PaymentEffectTests {
    private func effect(_ outcome: PaymentEvent.Outcome, of amount: Int64, on state: OrderState) -> PaymentEffect {
        let event = PaymentEvent(
            id: PaymentEventID("e")!, order: OrderID(high: 1, low: 1), outcome: outcome, amount: amount, currency: Currency("EUR")!)
        return PaymentEffect(of: event, on: state)
    }

    @Test(arguments: [OrderState.paid, .cancelled, .expired, .rejected])
    func moneyThatTheOrderDoesNotCallForIsDueForRefund(state: OrderState) {
        #expect(effect(.succeeded, of: 1, on: state) == .refundDue)
        #expect(effect(.failed, of: 1, on: state) == .none)
    }

    @Test(arguments: [OrderState.paid, .cancelled, .expired, .rejected])
    func whatCostNothingIsNotPaidBack(state: OrderState) {
        #expect(effect(.succeeded, of: 0, on: state) == .none)
    }

    @Test func anOrderThatWaitsForItIsPaidWhateverItCosts() {
        #expect(effect(.succeeded, of: 0, on: .awaitingPayment) == .paid)
        #expect(effect(.succeeded, of: 7, on: .awaitingPayment) == .paid)
        #expect(effect(.failed, of: 7, on: .awaitingPayment) == .cancelled)
    }
}
