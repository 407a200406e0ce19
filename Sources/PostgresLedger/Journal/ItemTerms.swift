import SaleCore
import SaleService

/// What an order takes from its item and its sale.
struct ItemTerms {
    private var unitPrice: Int64
    private var currency: Currency
    private var payWithinMilliseconds: Int64

    /// - Parameter column: the first of three: price, currency, time to pay.
    init(_ result: borrowing PostgresResult, _ row: Int, from column: Int32) throws(JournalError) {
        guard let currency = Currency(result.text(row, column + 1)) else { throw .unreadable("a currency") }
        self.currency = currency
        unitPrice = result.int64(row, column)
        payWithinMilliseconds = result.int64(row, column + 2)
    }

    /// `reservation`, just committed under these terms.
    func order(_ reservation: Reservation) -> Order {
        Order(
            id: reservation.order, sale: reservation.sale, sku: reservation.sku, user: reservation.user, quantity: reservation.quantity,
            unitPrice: unitPrice, currency: currency, state: .awaitingPayment, createdAt: reservation.grantedAt,
            payBy: reservation.grantedAt.advanced(milliseconds: payWithinMilliseconds))
    }
}
