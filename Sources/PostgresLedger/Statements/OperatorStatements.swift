import SaleService

/// What operators do to orders, and read of them.
extension Statement {
    static let operating = [
        orderBalance, enterRefund, keepRefund, clearRefundDue, orderExtras, paymentsOfOrder, refundsOfOrder, ledgerOfOrder, movesOfOrder,
        auditOfOrder, refundedOfOrders, balancesOfOrders,
        auditTrail, ledgerOfSale,
    ]

    // MARK: Refunds

    /// Money received for order $3 of item $2 of sale $1, less what went back. To be asked while
    /// the order is locked, so that no payment comes in between.
    static let orderBalance = Statement(
        "order_balance",
        "SELECT coalesce(sum(amount), 0)::bigint FROM stock_ledger WHERE sale_id = $1::text AND sku = $2::text AND order_id = $3::uuid")

    /// Order $1, amount $2, currency $3, reference $4, actor $5. Touches no row when an earlier
    /// refund of the order has the reference.
    static let keepRefund = Statement(
        "keep_refund",
        """
        INSERT INTO refunds (order_id, amount, currency, reference, actor) VALUES ($1::uuid, $2::bigint, $3::text, $4::text, $5::text)
        ON CONFLICT DO NOTHING
        """)

    /// Enters amount $2 in currency $3, which went back for order $1, into the ledger.
    static let enterRefund = Statement(
        "enter_refund",
        """
        INSERT INTO stock_ledger (sale_id, sku, kind, amount, currency, order_id)
        SELECT sale_id, sku, 'refund', -$2::bigint, $3::text, id FROM orders WHERE id = $1::uuid
        """)

    /// Order $1, by refund of reference $2, by operator $3.
    static let clearRefundDue = Statement(
        "clear_refund_due",
        changing("SET refund_due = false WHERE id = $1::uuid AND refund_due", tells: .orderRefunded, because: "$2::text", by: "$3::text"))

    // MARK: One order

    /// Of order $1: hash of its key, why it was rejected, and when the first batch of its item was
    /// committed that did not come before its grant.
    static let orderExtras = Statement(
        "order_extras",
        """
        SELECT encode(sha256(convert_to(idempotency_key, 'UTF8')), 'hex'), rejection, (
            SELECT min(at) FROM stock_ledger
            WHERE stock_ledger.sale_id = orders.sale_id AND stock_ledger.sku = orders.sku AND kind = 'commit' AND at >= orders.created_at
        )
        FROM orders WHERE id = $1::uuid
        """)

    static let paymentsOfOrder = Statement(
        "payments_of_order",
        """
        SELECT event_id, outcome, amount, currency, effect, received_at FROM payment_events WHERE order_id = $1::uuid ORDER BY received_at, event_id
        """)

    static let refundsOfOrder = Statement(
        "refunds_of_order",
        "SELECT reference, amount, currency, refunded_at, actor FROM refunds WHERE order_id = $1::uuid ORDER BY refunded_at, reference")

    /// Of order $3, of item $2 of sale $1: the columns of `LedgerRow`.
    static let ledgerOfOrder = Statement(
        "ledger_of_order",
        "SELECT \(LedgerRow.columns) FROM stock_ledger WHERE sale_id = $1::text AND sku = $2::text AND order_id = $3::uuid ORDER BY id")

    /// Of order $3, of item $2 of sale $1: the columns of `StockMoveRow`.
    static let movesOfOrder = Statement(
        "moves_of_order",
        "SELECT \(StockMoveRow.columns) FROM stock_moves WHERE sale_id = $1::text AND sku = $2::text AND order_id = $3::uuid ORDER BY number")

    /// Of order $2 of sale $1, oldest first: the columns of `AuditRow`.
    static let auditOfOrder = Statement(
        "audit_of_order", "SELECT \(AuditRow.columns) FROM operator_audit WHERE sale_id = $1::text AND order_id = $2::uuid ORDER BY id")

    // MARK: Lists

    /// What went back of each of the orders $1, `awaitsStandby`; no row for one of which nothing
    /// did.
    static let refundedOfOrders = Statement(
        "refunded_of_orders",
        "SELECT order_id, sum(amount)::bigint, \(awaitsStandby) FROM refunds WHERE order_id = ANY ($1::uuid[]) GROUP BY order_id")

    /// Money received for each of the orders $3, of the items $2 of the sales $1, less what went
    /// back.
    static let balancesOfOrders = Statement(
        "balances_of_orders",
        """
        SELECT order_id, sum(amount)::bigint
        FROM (SELECT DISTINCT sale_id, sku FROM unnest($1::text[], $2::text[]) AS asked (sale_id, sku)) AS items
        JOIN stock_ledger USING (sale_id, sku)
        WHERE order_id = ANY ($3::uuid[]) GROUP BY order_id
        """)

    /// At most $5 entries below $4, newest first: of sale $1, from $2 to before $3, by actor $6,
    /// each unless null. The columns of `AuditRow`, `awaitsStandby`.
    static let auditTrail = Statement(
        "audit_trail",
        """
        SELECT \(AuditRow.columns), \(awaitsStandby) FROM operator_audit
        WHERE ($1::text IS NULL OR sale_id = $1::text) AND ($2::timestamptz IS NULL OR at >= $2::timestamptz)
            AND ($3::timestamptz IS NULL OR at < $3::timestamptz) AND id < $4::bigint
            AND ($6::text IS NULL OR actor = $6::text OR starts_with(actor, $6::text || ' as '))
        ORDER BY id DESC LIMIT $5::bigint
        """)

    /// At most $5 entries of sale $1, of item $2 unless null, after entry $4 of item $3, by item
    /// and number: the columns of `LedgerRow`, `awaitsStandby`.
    static let ledgerOfSale = Statement(
        "ledger_of_sale",
        """
        SELECT \(LedgerRow.columns), \(awaitsStandby) FROM stock_ledger
        WHERE sale_id = $1::text AND ($2::text IS NULL OR sku = $2::text) AND (sku, id) > ($3::text, $4::bigint)
        ORDER BY sku, id LIMIT $5::bigint
        """)
}
