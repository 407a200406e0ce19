package import SaleCore

/// What an order takes from its item and its sale.
package struct OrderTerms: Sendable, Equatable {
    package var unitPrice: Int64
    package var currency: Currency
    package var payWithinMilliseconds: Int64

    package init(unitPrice: Int64, currency: Currency, payWithinMilliseconds: Int64) {
        self.unitPrice = unitPrice
        self.currency = currency
        self.payWithinMilliseconds = payWithinMilliseconds
    }

    init(_ item: SaleItem, of sale: Sale) {
        self.init(unitPrice: item.unitPrice, currency: item.currency, payWithinMilliseconds: sale.payWithinMilliseconds)
    }
}

extension Order {
    /// The order of `reservation` under `terms`.
    package init(_ reservation: Reservation, under terms: OrderTerms, state: OrderState) {
        self.init(
            id: reservation.order, sale: reservation.sale, sku: reservation.sku, user: reservation.user, quantity: reservation.quantity,
            unitPrice: terms.unitPrice, currency: terms.currency, state: state, createdAt: reservation.grantedAt,
            payBy: reservation.grantedAt.advanced(milliseconds: terms.payWithinMilliseconds))
    }
}

/// What Postgres decided of the reservations of a batch, in its order. Final.
///
/// Of the usual batch all are committed under the same terms, and who has the reservations needs no
/// order from here: one is made only for whoever asks by position.
package struct CommitVerdicts: RandomAccessCollection, Sendable {
    private enum Storage {
        case all([Reservation], OrderTerms)
        case each([CommitVerdict])
    }
    private let storage: Storage

    /// - Parameter batch: of one item, all of it committed by this very call.
    package init(all batch: [Reservation], under terms: OrderTerms) {
        storage = .all(batch, terms)
    }

    package init(_ verdicts: [CommitVerdict]) {
        storage = .each(verdicts)
    }

    /// Those of a batch of one item, all of which was committed by this very call; `nil` for any
    /// other.
    package var termsOfAll: OrderTerms? {
        if case .all(_, let terms) = storage { terms } else { nil }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int {
        switch storage {
        case .all(let batch, _): batch.count
        case .each(let verdicts): verdicts.count
        }
    }

    package subscript(position: Int) -> CommitVerdict {
        switch storage {
        case .all(let batch, let terms): .committed(Order(batch[position], under: terms, state: .awaitingPayment))
        case .each(let verdicts): verdicts[position]
        }
    }
}

extension CommitVerdicts: Equatable, ExpressibleByArrayLiteral {
    package static func == (a: Self, b: Self) -> Bool { a.elementsEqual(b) }

    package init(arrayLiteral verdicts: CommitVerdict...) {
        self.init(verdicts)
    }
}
