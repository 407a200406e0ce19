package import SaleCore

/// An event of a payment provider, as it was kept.
package struct PaymentRecord: Sendable, Equatable {
    package var event: PaymentEvent
    package var effect: PaymentEffect
    package var receivedAt: Timestamp

    package init(event: PaymentEvent, effect: PaymentEffect, receivedAt: Timestamp) {
        self.event = event
        self.effect = effect
        self.receivedAt = receivedAt
    }
}

package struct RefundRecord: Sendable, Equatable {
    package var reference: String
    /// In the currency's minor unit.
    package var amount: Int64
    package var currency: Currency
    package var refundedAt: Timestamp
    package var actor: String

    package init(reference: String, amount: Int64, currency: Currency, refundedAt: Timestamp, actor: String) {
        self.reference = reference
        self.amount = amount
        self.currency = currency
        self.refundedAt = refundedAt
        self.actor = actor
    }
}

/// What was paid for an order, in its currency's minor unit.
package struct OrderMoney: Sendable, Equatable {
    package var received: Int64
    /// What went back of it.
    package var refunded: Int64

    package init(received: Int64, refunded: Int64) {
        self.received = received
        self.refunded = refunded
    }

    /// What must still go back to the buyer of `order`.
    package func due(on order: Order) -> Int64 {
        order.refundDue ? max(0, received - refunded - (order.state == .paid ? order.amountDue : 0)) : 0
    }
}

/// One row of the stock ledger: a movement of units or of money.
package struct LedgerEntry: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case load
        case commit
        case release
        case payment
        case refund
    }

    package var id: Int64
    package var at: Timestamp
    package var sale: SaleID
    package var sku: SKU
    package var kind: Kind
    /// By how much the units that were put on sale moved, and those in live orders.
    package var loaded: Int64
    package var committed: Int64
    /// Money received, negative when paid back. In the currency's minor unit.
    package var amount: Int64
    package var currency: Currency?
    /// Where the movement is of one order.
    package var order: OrderID?

    package init(
        id: Int64, at: Timestamp, sale: SaleID, sku: SKU, kind: Kind, loaded: Int64, committed: Int64, amount: Int64, currency: Currency?,
        order: OrderID?
    ) {
        self.id = id
        self.at = at
        self.sale = sale
        self.sku = sku
        self.kind = kind
        self.loaded = loaded
        self.committed = committed
        self.amount = amount
        self.currency = currency
        self.order = order
    }
}

/// One row of the audit trail: one command that changed something.
package struct AuditEntry: Sendable, Equatable {
    package var id: Int64
    package var at: Timestamp
    /// `nil` for what was done to none.
    package var sale: SaleID?
    /// Where it was done to one order.
    package var order: OrderID?
    package var attribution: Attribution
    /// One line per change, old value and new value.
    package var changes: [String]

    package init(id: Int64, at: Timestamp, sale: SaleID?, order: OrderID?, attribution: Attribution, changes: [String]) {
        self.id = id
        self.at = at
        self.sale = sale
        self.order = order
        self.attribution = attribution
        self.changes = changes
    }
}

/// All that Postgres knows of one order.
package struct OrderRecord: Sendable, Equatable {
    package var order: Order
    /// SHA-256 of its idempotency key, in hexadecimal: the key itself is the buyer's.
    package var keyHash: String?
    /// Why it was rejected: `no_units`, `conflict` or `abandoned`.
    package var rejection: String?
    /// When its batch was committed, by Postgres's clock, or a moment before; `nil` when it never
    /// was.
    package var committedAt: Timestamp?
    /// Oldest first, as the others.
    package var payments: [PaymentRecord]
    package var refunds: [RefundRecord]
    /// Rows of this order alone: that of its commit is its batch's.
    package var ledger: [LedgerEntry]
    /// What Redis may not know of yet.
    package var moves: [StockMove]
    package var audit: [AuditEntry]

    package init(
        order: Order, keyHash: String? = nil, rejection: String? = nil, committedAt: Timestamp? = nil, payments: [PaymentRecord] = [],
        refunds: [RefundRecord] = [], ledger: [LedgerEntry] = [], moves: [StockMove] = [], audit: [AuditEntry] = []
    ) {
        self.order = order
        self.keyHash = keyHash
        self.rejection = rejection
        self.committedAt = committedAt
        self.payments = payments
        self.refunds = refunds
        self.ledger = ledger
        self.moves = moves
        self.audit = audit
    }

    /// Money received and not paid back, in the currency's minor unit.
    package var balance: Int64 { ledger.reduce(0) { $0 + $1.amount } }

    package var money: OrderMoney {
        func sum(_ kind: LedgerEntry.Kind) -> Int64 { ledger.reduce(0) { $0 + ($1.kind == kind ? $1.amount : 0) } }
        return OrderMoney(received: sum(.payment), refunded: -sum(.refund))
    }
}

package struct AuditFilter: Sendable, Equatable {
    package var sale: SaleID?
    /// At or after.
    package var since: Timestamp?
    package var until: Timestamp?
    /// Who did it.
    package var actor: String?

    package init(sale: SaleID? = nil, since: Timestamp? = nil, until: Timestamp? = nil, actor: String? = nil) {
        self.sale = sale
        self.since = since
        self.until = until
        self.actor = actor
    }
}

/// Where a reading of the ledger goes on: after an entry, with the sums of its item so far.
package struct LedgerPosition: Sendable, Equatable {
    package var sku: SKU
    package var id: Int64
    package var loaded: Int64
    package var committed: Int64

    package init(sku: SKU, id: Int64, loaded: Int64, committed: Int64) {
        self.sku = sku
        self.id = id
        self.loaded = loaded
        self.committed = committed
    }
}

/// What operators read of orders, movements and commands. Nothing is told that a synchronous
/// standby may lack.
package protocol OrderBooks: Sendable {
    func record(of order: OrderID) async throws(JournalError) -> OrderRecord?

    /// What was paid for each of `orders`, which were read a moment ago.
    func money(of orders: [Order]) async throws(JournalError) -> [OrderID: OrderMoney]

    /// The audit trail, newest first.
    ///
    /// - Parameter id: only entries with a lower one.
    func audit(_ filter: AuditFilter, before id: Int64?, countMax: Int) async throws(JournalError) -> [AuditEntry]

    /// The ledger of a sale, each item's in the order of its entries, items in the order of their
    /// SKUs.
    ///
    /// - Parameter entry: only what comes after it.
    func ledger(of sale: SaleID, _ sku: SKU?, after entry: (sku: SKU, id: Int64)?, countMax: Int) async throws(JournalError) -> [LedgerEntry]
}
