import SaleCore
import SaleService

/// What an order takes from its item and its sale.
struct ItemTerms {
    let terms: OrderTerms

    /// - Parameter column: the first of three: price, currency, time to pay.
    init(_ result: borrowing PostgresResult, _ row: Int, from column: Int32) throws(JournalError) {
        guard let currency = Currency(result.text(row, column + 1)) else { throw .unreadable("a currency") }
        terms = OrderTerms(unitPrice: result.int64(row, column), currency: currency, payWithinMilliseconds: result.int64(row, column + 2))
    }

    /// `reservation`, just committed under these terms.
    func order(_ reservation: Reservation) -> Order { Order(reservation, under: terms, state: .awaitingPayment) }
}
