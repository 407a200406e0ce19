import SaleCore
import Testing

@testable import SaleService

@Suite struct CommitVerdictsTests {
    private static let terms = OrderTerms(unitPrice: 5, currency: Currency("EUR")!, payWithinMilliseconds: 10)
    private static let batch = (1...3).map { number in
        Reservation(
            ReservationRequest(
                order: OrderID(high: 1, low: number), purchase: Purchase(user: UserID("u\(number)")!, sku: SKU("x")!, quantity: 2, key: nil)),
            of: SaleID("s")!, epoch: 1, grantedAt: Timestamp(milliseconds: 100))
    }

    @Test func `a batch committed as it is has the orders that its terms make`() {
        let verdicts = CommitVerdicts(all: Self.batch, under: Self.terms)
        #expect(verdicts.termsOfAll == Self.terms)
        #expect(
            verdicts[1]
                == .committed(
                    Order(
                        id: OrderID(high: 1, low: 2), sale: SaleID("s")!, sku: SKU("x")!, user: UserID("u2")!, quantity: 2, unitPrice: 5,
                        currency: Currency("EUR")!, state: .awaitingPayment, createdAt: Timestamp(milliseconds: 100),
                        payBy: Timestamp(milliseconds: 110))))
    }

    @Test func `the same verdicts are equal, however they are kept`() {
        let all = CommitVerdicts(all: Self.batch, under: Self.terms)
        #expect(all == CommitVerdicts(Array(all)))
        #expect(CommitVerdicts(Array(all)).termsOfAll == nil)
        #expect(all != [.rejected(.noUnits), .rejected(.noUnits), .rejected(.noUnits)])
    }
}
