import SaleService

/// What happens to an order after its commit. Every transition names the state that it leaves.
extension Statement {
    static let life = [
        cancelOrder, failOrder, withdrawOrder, expireOrders, dueBatches, expireBatch, closeBatches, lockOrder, keepPaymentEvent, paymentEvent,
        payOrder,
        markRefundDue, enterPayment, pendingMoves,
        limitMoveTurn, claimMoves, forgetMoves,
    ]

    /// `state = 'awaiting_payment'`, where an order is found by its id. As an expression it hides
    /// from the planner that the index `orders_awaiting_payment` would do: a generic plan that was
    /// made while few orders awaited payment would then read all of that index for one id, until
    /// statistics come. With 50,000 of them a cancel took 50 ms and a sweep never ended in time.
    private static let awaitsPayment = "orders.state || '' = 'awaiting_payment'"

    /// Ends the orders that `choose` selects and locks by their ids, and gives their units back: in
    /// the user's counter, in the stock, and as moves that Redis must be told of. Locks in the
    /// order of every writer of orders: orders, counters by user, stock by item. What the ledger
    /// and the feed hear comes from `locked`, and so in the order of the commits. Answers with the
    /// columns of `OrderRow`.
    ///
    /// - Parameters:
    ///   - cause: SQL that yields what the event says of the reason.
    ///   - actor: SQL that yields the operator.
    private static func end(in state: String, because cause: String, by actor: String = "NULL", _ choose: String) -> String {
        """
        WITH chosen AS MATERIALIZED (
            \(choose)
        ), ended AS (
            UPDATE orders SET state = '\(state)' FROM chosen
            WHERE orders.id = chosen.id AND \(awaitsPayment)
            RETURNING \(OrderRow.columns.split(separator: ", ").map { "orders.\($0)" }.joined(separator: ", "))
        ), held AS MATERIALIZED (
            SELECT user_id, sale_id, sku, given.units
            FROM (SELECT user_id, sale_id, sku, sum(quantity) AS units FROM ended GROUP BY user_id, sale_id, sku) AS given
            JOIN user_units USING (user_id, sale_id, sku)
            ORDER BY user_id, sale_id, sku
            FOR UPDATE OF user_units
        ), uncounted AS (
            UPDATE user_units SET units = user_units.units - held.units FROM held
            WHERE user_units.user_id = held.user_id AND user_units.sale_id = held.sale_id AND user_units.sku = held.sku
            RETURNING 1
        ), given AS MATERIALIZED (
            SELECT sale_id, sku, sum(quantity) AS units, count(*) AS orders, array_agg(id ORDER BY id) AS ids FROM ended GROUP BY sale_id, sku
        ), locked AS MATERIALIZED (
            SELECT sale_id, sku, given.units, given.orders, given.ids, stock.last_move, stock.epoch
            FROM (SELECT count(*) FROM uncounted) AS counters_first
            CROSS JOIN given
            JOIN stock USING (sale_id, sku)
            ORDER BY sale_id, sku
            FOR UPDATE OF stock
        ), moved AS (
            UPDATE stock SET committed = stock.committed - locked.units, last_move = stock.last_move + locked.orders
            FROM locked WHERE stock.sale_id = locked.sale_id AND stock.sku = locked.sku
        ), told AS (
            INSERT INTO stock_moves (sale_id, sku, number, kind, order_id, user_id, quantity, epoch)
            SELECT sale_id, sku, locked.last_move + row_number() OVER (PARTITION BY sale_id, sku ORDER BY ended.id), 'give_back', ended.id, ended.user_id,
                ended.quantity, locked.epoch
            FROM ended JOIN locked USING (sale_id, sku)
        ), entered AS (
            INSERT INTO stock_ledger (sale_id, sku, kind, committed, order_id)
            SELECT sale_id, sku, 'release', -ended.quantity, ended.id FROM ended JOIN locked USING (sale_id, sku)
        ), heard AS (
            INSERT INTO events (type, sale_id, sku, orders, cause, actor)
            SELECT 'order.\(state)', sale_id, sku, ids, \(cause), \(actor) FROM locked
        )
        SELECT \(OrderRow.columns) FROM ended
        """
    }

    /// Changes one order in a way that moves no units, and tells the feed if it did. Touches one
    /// row or none.
    ///
    /// - Parameters:
    ///   - change: from `SET` on.
    ///   - cause: SQL that yields what the event says of the reason.
    ///   - actor: SQL that yields the operator.
    static func changing(_ change: String, tells type: EventType, because cause: String = "NULL", by actor: String = "NULL") -> String {
        """
        WITH changed AS (
            UPDATE orders \(change) RETURNING id, sale_id, sku
        )
        INSERT INTO events (type, sale_id, sku, orders, cause, actor) SELECT '\(type)', sale_id, sku, ARRAY[id], \(cause), \(actor) FROM changed
        """
    }

    /// Order $1 of user $2.
    static let cancelOrder = Statement(
        "cancel_order",
        end(in: "cancelled", because: "'buyer'", "SELECT id FROM orders WHERE id = $1::uuid AND user_id = $2::text AND \(awaitsPayment) FOR UPDATE"))

    /// Order $1, whose payment failed, or that an operator cancels.
    static let failOrder = Statement(
        "fail_order", end(in: "cancelled", because: "'payment_failed'", "SELECT id FROM orders WHERE id = $1::uuid AND \(awaitsPayment) FOR UPDATE"))

    /// Order $1, by operator $2.
    static let withdrawOrder = Statement(
        "withdraw_order",
        end(
            in: "cancelled", because: "'operator'", by: "$2::text",
            "SELECT id FROM orders WHERE id = $1::uuid AND \(awaitsPayment) FOR UPDATE"))

    /// At most $1 orders whose time to pay is over, of those that no batch speaks for. Those that
    /// somebody else has locked are being paid, cancelled or expired at this moment.
    static let expireOrders = Statement(
        "expire_orders",
        end(
            in: "expired", because: "'unpaid'",
            """
            SELECT id FROM orders WHERE state = 'awaiting_payment' AND NOT due_by_batch AND pay_by <= now()
            ORDER BY pay_by LIMIT $1::bigint FOR UPDATE SKIP LOCKED
            """))

    // MARK: Batches that are due

    /// At most $1 batches of which an order may be due: the columns of `DueBatch`.
    static let dueBatches = Statement(
        "due_batches",
        "SELECT \(DueBatch.columns) FROM unpaid_batches WHERE pay_by <= now() ORDER BY pay_by, first_order LIMIT $1::bigint")

    /// At most $1 orders whose time to pay is over, from $2 to $3, of item $5 of sale $4. Which of
    /// overlapping batches they came with is of no account.
    static let expireBatch = Statement(
        "expire_batch",
        end(
            in: "expired", because: "'unpaid'",
            """
            SELECT id FROM orders
            WHERE id BETWEEN $2::uuid AND $3::uuid AND sale_id = $4::text AND sku = $5::text AND due_by_batch AND \(awaitsPayment) AND pay_by <= now()
            ORDER BY id LIMIT $1::bigint FOR UPDATE SKIP LOCKED
            """))

    /// Forgets those of the batches with keys $1, $2 (`pay_by`, `first_order`) of which no order
    /// awaits its payment any more. Of the others it keeps when the next one is due, or, where that
    /// is past and somebody is paying or ending it just now, that it is looked at again in a
    /// second.
    static let closeBatches = Statement(
        "close_batches",
        """
        WITH batch AS MATERIALIZED (
            SELECT unpaid_batches.* FROM unnest($1::timestamptz[], $2::uuid[]) AS seen (pay_by, first_order)
            JOIN unpaid_batches USING (pay_by, first_order)
            ORDER BY pay_by, first_order
            FOR UPDATE OF unpaid_batches SKIP LOCKED
        ), rest AS MATERIALIZED (
            SELECT batch.pay_by, batch.first_order, (
                SELECT min(orders.pay_by) FROM orders
                WHERE orders.id BETWEEN batch.first_order AND batch.last_order AND orders.sale_id = batch.sale_id AND orders.sku = batch.sku
                    AND orders.due_by_batch AND \(awaitsPayment)
            ) AS next FROM batch
        ), kept AS (
            UPDATE unpaid_batches SET pay_by = greatest(rest.next, now() + interval '1 second') FROM rest
            WHERE unpaid_batches.pay_by = rest.pay_by AND unpaid_batches.first_order = rest.first_order AND rest.next IS NOT NULL
        )
        DELETE FROM unpaid_batches USING rest
        WHERE unpaid_batches.pay_by = rest.pay_by AND unpaid_batches.first_order = rest.first_order AND rest.next IS NULL
        """)

    // MARK: Payments

    /// Locking a row is a write: the COMMIT of this transaction waits for a standby, whatever else
    /// it does.
    static let lockOrder = Statement("lock_order", "SELECT \(OrderRow.columns) FROM orders WHERE id = $1::uuid FOR UPDATE")

    /// Event $1 of order $2: outcome, amount, currency, effect ($3–$6). Touches no row when the id
    /// is taken.
    static let keepPaymentEvent = Statement(
        "keep_payment_event",
        """
        INSERT INTO payment_events (event_id, order_id, outcome, amount, currency, effect)
        VALUES ($1::text, $2::uuid, $3::text, $4::bigint, $5::text, $6::text)
        ON CONFLICT DO NOTHING
        """)

    /// Event $1: order, outcome, amount, currency.
    static let paymentEvent = Statement(
        "payment_event", "SELECT order_id, outcome, amount, currency FROM payment_events WHERE event_id = $1::text")

    /// Order $1, by payment $2.
    static let payOrder = Statement(
        "pay_order", changing("SET state = 'paid' WHERE id = $1::uuid AND \(awaitsPayment)", tells: .orderPaid, because: "$2::text"))

    /// Order $1, after payment $2.
    static let markRefundDue = Statement(
        "mark_refund_due",
        changing("SET refund_due = true WHERE id = $1::uuid AND NOT refund_due", tells: .orderRefundDue, because: "$2::text"))

    /// Enters amount $2 in currency $3, received for order $1, into the ledger.
    static let enterPayment = Statement(
        "enter_payment",
        """
        INSERT INTO stock_ledger (sale_id, sku, kind, amount, currency, order_id)
        SELECT sale_id, sku, 'payment', $2::bigint, $3::text, id FROM orders WHERE id = $1::uuid
        """)

    // MARK: Stock moves

    /// At most $2 moves of sales other than $1: the columns of `StockMoveRow`, `awaitsStandby`.
    static let pendingMoves = Statement(
        "pending_moves",
        """
        SELECT \(StockMoveRow.columns), \(awaitsStandby) FROM stock_moves WHERE sale_id <> ALL ($1::text[]) ORDER BY sale_id, sku, number LIMIT $2::bigint
        """)

    /// A node that stands still while it tells Redis of moves lets go of them after this long.
    /// Longer than a call to Redis is awaited.
    static let limitMoveTurn = Statement("limit_move_turn", "SELECT set_config('idle_in_transaction_session_timeout', '5000', true)")

    /// Locks at most $2 moves of sales other than $1, steps over those that are locked, and answers
    /// with those of every item whose first pending move is among them: Redis takes none before its
    /// forerunner. The columns of `StockMoveRow`, `awaitsStandby`.
    static let claimMoves = Statement(
        "claim_moves",
        """
        WITH claimed AS MATERIALIZED (
            SELECT \(StockMoveRow.columns) FROM stock_moves WHERE sale_id <> ALL ($1::text[])
            ORDER BY sale_id, sku, number LIMIT $2::bigint FOR UPDATE SKIP LOCKED
        ), items AS (
            SELECT sale_id, sku, min(number) AS first FROM claimed GROUP BY sale_id, sku
        )
        SELECT \(StockMoveRow.columns), \(awaitsStandby) FROM claimed JOIN items USING (sale_id, sku)
        WHERE NOT EXISTS (
            SELECT FROM stock_moves AS earlier
            WHERE earlier.sale_id = items.sale_id AND earlier.sku = items.sku AND earlier.number < items.first
        )
        ORDER BY sale_id, sku, number
        """)

    /// Of sale $1, if it still is in epoch $2: SKUs $3, numbers $4.
    static let forgetMoves = Statement(
        "forget_moves",
        """
        DELETE FROM stock_moves USING sales, unnest($3::text[], $4::bigint[]) AS known (sku, number)
        WHERE sales.id = $1::text AND sales.epoch = $2::bigint
            AND stock_moves.sale_id = sales.id AND stock_moves.sku = known.sku AND stock_moves.number = known.number
        """)
}
