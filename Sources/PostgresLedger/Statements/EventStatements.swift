/// The feed of events, and how far webhook endpoints were served from it.
extension Statement {
    static let feeding = [
        enterSaleEvents, eventsAfter, eventsAt, firstEntered, pruneEvents, pruneFailures, nameWebhooks, claimWebhooks, letGoOfWebhook, saveWebhook,
        keepFailures,
        settleFailures, dueFailures, failuresBehind, stopWebhook, resumeWebhook, webhookStates, failuresOfWebhook, replayFailures, skipFailures,
    ]

    /// Events of sale $1 by operator $2: types, SKUs, causes ($3–$5). After the items' rows were
    /// locked.
    static let enterSaleEvents = Statement(
        "enter_sale_events",
        """
        INSERT INTO events (type, sale_id, sku, cause, actor)
        SELECT type, $1::text, sku, cause, $2::text FROM unnest($3::text[], $4::text[], $5::text[]) AS told (type, sku, cause)
        """)

    /// What is read of an event: position, what happened, by whose clock, the order.
    private static let eventColumns = """
        found.turn, found.id, part.number::integer, found.at, found.type, found.sale_id, found.sku, found.cause, found.actor, clock_timestamp(),
        found.matches, found.orders IS NOT NULL, \(OrderRow.columns.split(separator: ", ").map { "about.\($0)" }.joined(separator: ", ")), \(awaitsStandby)
        """

    /// The order of a part of an event. One by one: the planner must not think of reading them all.
    private static let joiningOrders = """
        LEFT JOIN LATERAL (SELECT \(OrderRow.columns) FROM orders WHERE orders.id = part.order_id LIMIT 1) AS about ON true
        """

    /// The next $4 parts of events behind turn $1, id $2, part $3, of types $5 unless null; each
    /// event of another type counts as one part, so that the reader gets over it.
    ///
    /// No row is seen whose turn a transaction that is still open could have, or any row before it.
    static let eventsAfter = Statement(
        "events_after",
        """
        WITH page AS MATERIALIZED (
            SELECT *, $5::text[] IS NULL OR type = ANY ($5::text[]) AS matches FROM events
            WHERE (turn, id) >= ($1::bigint, $2::bigint) AND turn < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            ORDER BY turn, id LIMIT $4::bigint + 1
        ), counted AS MATERIALIZED (
            SELECT *, CASE WHEN matches THEN greatest(coalesce(cardinality(orders), 0), 1) ELSE 1 END AS parts FROM page
        ), found AS MATERIALIZED (
            SELECT * FROM (SELECT *, sum(parts) OVER (ORDER BY turn, id) - parts AS before FROM counted) AS placed WHERE before < $4::bigint + $3::integer
        )
        SELECT \(eventColumns)
        FROM found
        CROSS JOIN LATERAL (
            SELECT order_id, number FROM unnest(found.orders) WITH ORDINALITY AS one (order_id, number) WHERE found.matches
            UNION ALL SELECT NULL, greatest(coalesce(cardinality(found.orders), 0), 1) WHERE NOT found.matches OR coalesce(cardinality(found.orders), 0) = 0
        ) AS part
        \(joiningOrders)
        WHERE (found.turn, found.id) > ($1::bigint, $2::bigint) OR part.number > $3::integer
        ORDER BY found.turn, found.id, part.number LIMIT $4::bigint
        """)

    /// The events of turns $1, ids $2, parts $3.
    static let eventsAt = Statement(
        "events_at",
        """
        WITH found AS MATERIALIZED (
            SELECT events.*, true AS matches, asked.part FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS asked (turn, id, part)
            JOIN events USING (turn, id)
        )
        SELECT \(eventColumns)
        FROM found
        CROSS JOIN LATERAL (SELECT found.orders[found.part] AS order_id, found.part AS number) AS part
        \(joiningOrders)
        ORDER BY found.turn, found.id, part.number
        """)

    /// When the first event behind turn $1, id $2 was entered that is of types $3 unless null, and
    /// now. No horizon: also of those that nobody is told of yet.
    static let firstEntered = Statement(
        "first_entered",
        """
        SELECT at, clock_timestamp() FROM events
        WHERE (turn, id) > ($1::bigint, $2::bigint) AND ($3::text[] IS NULL OR type = ANY ($3::text[])) ORDER BY turn, id LIMIT 1
        """)

    /// At most $2 events older than $1 milliseconds that every endpoint is done with that a node
    /// has named in that time, and that nobody may want sent again. What is kept is passed over
    /// before it is counted, and what every endpoint is done with is read from the beginning: young
    /// events are not looked through for old ones.
    static let pruneEvents = Statement(
        "prune_events",
        """
        WITH needed AS MATERIALIZED (
            SELECT turn, id FROM webhook_cursors WHERE named_at > now() - $1::bigint * interval '1 millisecond'
            UNION ALL SELECT 9223372036854775807, 0 ORDER BY turn, id LIMIT 1
        ), old AS MATERIALIZED (
            SELECT turn, id, at FROM events
            WHERE (turn, id) < (SELECT turn, id FROM needed) AND (turn, id) NOT IN (SELECT turn, id FROM webhook_failures)
            ORDER BY turn, id LIMIT $2::bigint
        )
        DELETE FROM events USING old
        WHERE events.turn = old.turn AND events.id = old.id AND old.at < now() - $1::bigint * interval '1 millisecond'
        """)

    /// Failures that nobody has sent again for $1 milliseconds since they were given up.
    static let pruneFailures = Statement(
        "prune_failures", "DELETE FROM webhook_failures WHERE next_at IS NULL AND failed_at < now() - $1::bigint * interval '1 millisecond'")

    // MARK: Webhooks

    /// Endpoints $1 exist; one that is new begins with the oldest event. Events are kept for one
    /// that is stopped, too.
    static let nameWebhooks = Statement(
        "name_webhooks",
        """
        INSERT INTO webhook_cursors (endpoint) SELECT unnest($1::text[])
        ON CONFLICT (endpoint) DO UPDATE SET named_at = now() WHERE webhook_cursors.named_at < now() - interval '1 hour'
        """)

    /// Holds those of the endpoints $1 that nobody else holds, for holder $2 and $3 milliseconds:
    /// endpoint, turn, id, part.
    static let claimWebhooks = Statement(
        "claim_webhooks",
        """
        WITH free AS MATERIALIZED (
            SELECT endpoint FROM webhook_cursors
            WHERE endpoint = ANY ($1::text[]) AND stopped_at IS NULL AND (holder = $2::text OR held_until < clock_timestamp())
            ORDER BY endpoint FOR UPDATE SKIP LOCKED
        )
        UPDATE webhook_cursors SET holder = $2::text, held_until = clock_timestamp() + $3::bigint * interval '1 millisecond', named_at = now()
        FROM free WHERE webhook_cursors.endpoint = free.endpoint
        RETURNING webhook_cursors.endpoint, turn, id, part
        """)

    /// Endpoint $1, if holder $2 holds it.
    static let letGoOfWebhook = Statement(
        "let_go_of_webhook", "UPDATE webhook_cursors SET holder = '', held_until = '-infinity' WHERE endpoint = $1::text AND holder = $2::text")

    /// How far holder $2 has served endpoint $1: turn, id, part, last error ($3–$6). No row when
    /// another one holds it by now, or has served it further meanwhile.
    static let saveWebhook = Statement(
        "save_webhook",
        """
        UPDATE webhook_cursors SET turn = $3::bigint, id = $4::bigint, part = $5::integer, last_error = $6::text
        WHERE endpoint = $1::text AND holder = $2::text AND stopped_at IS NULL AND (turn, id, part) <= ($3::bigint, $4::bigint, $5::integer)
        """)

    /// Of endpoint $1: turns, ids, parts, attempts so far, milliseconds until the next one or null,
    /// errors ($2–$7).
    static let keepFailures = Statement(
        "keep_failures",
        """
        INSERT INTO webhook_failures (endpoint, turn, id, part, attempts, next_at, last_error)
        SELECT $1::text, turn, id, part, attempts, now() + wait::bigint * interval '1 millisecond', error
        FROM unnest($2::bigint[], $3::bigint[], $4::integer[], $5::integer[], $6::text[], $7::text[]) AS failed (turn, id, part, attempts, wait, error)
        ON CONFLICT (endpoint, turn, id, part)
            DO UPDATE SET attempts = excluded.attempts, next_at = excluded.next_at, failed_at = now(), last_error = excluded.last_error
        """)

    /// Of endpoint $1: turns, ids, parts ($2–$4).
    static let settleFailures = Statement(
        "settle_failures",
        """
        DELETE FROM webhook_failures USING unnest($2::bigint[], $3::bigint[], $4::integer[]) AS done (turn, id, part)
        WHERE endpoint = $1::text AND webhook_failures.turn = done.turn AND webhook_failures.id = done.id AND webhook_failures.part = done.part
        """)

    /// At most $3 events of endpoint $1 that are to be tried again now: turn, id, part, attempts;
    /// one row of nulls when there is none, and none when holder $2 may not serve it any more.
    static let dueFailures = Statement(
        "due_failures",
        """
        SELECT due.turn, due.id, due.part, due.attempts
        FROM webhook_cursors LEFT JOIN LATERAL (
            SELECT turn, id, part, attempts FROM webhook_failures AS failed
            WHERE failed.endpoint = $1::text AND next_at <= now() ORDER BY next_at LIMIT $3::bigint
        ) AS due ON true
        WHERE endpoint = $1::text AND holder = $2::text AND stopped_at IS NULL
        """)

    /// Failures of endpoint $1 behind turn $2, id $3, part $4.
    static let failuresBehind = Statement(
        "failures_behind",
        "SELECT turn, id, part FROM webhook_failures WHERE endpoint = $1::text AND (turn, id, part) > ($2::bigint, $3::bigint, $4::integer)")

    /// Endpoint $1, for reason $2. Touches no row when it stands still already.
    static let stopWebhook = Statement(
        "stop_webhook", "UPDATE webhook_cursors SET stopped_at = now(), last_error = $2::text WHERE endpoint = $1::text AND stopped_at IS NULL")

    /// Endpoint $1. Why it stood still is no error any more.
    static let resumeWebhook = Statement(
        "resume_webhook",
        """
        UPDATE webhook_cursors SET stopped_at = NULL, last_error = CASE WHEN stopped_at IS NULL THEN last_error ELSE '' END
        WHERE endpoint = $1::text
        """)

    /// Of each endpoint: name, position, holder, whether it is stopped, last error, milliseconds
    /// since the oldest event that waits for it, failures that are tried again, failures given up.
    static let webhookStates = Statement(
        "webhook_states",
        """
        SELECT endpoint, turn, id, part, CASE WHEN held_until > now() THEN holder ELSE '' END, stopped_at IS NOT NULL, last_error, coalesce((
            SELECT (extract(epoch FROM clock_timestamp() - events.at) * 1000)::bigint FROM events
            WHERE (events.turn, events.id) > (webhook_cursors.turn, webhook_cursors.id) ORDER BY events.turn, events.id LIMIT 1
        ), 0), (SELECT count(*) FROM webhook_failures AS failed WHERE failed.endpoint = webhook_cursors.endpoint AND next_at IS NOT NULL),
            (SELECT count(*) FROM webhook_failures AS failed WHERE failed.endpoint = webhook_cursors.endpoint AND next_at IS NULL)
        FROM webhook_cursors ORDER BY endpoint
        """)

    /// At most $2 failures of endpoint $1, oldest first: turn, id, part, attempts, whether it is
    /// tried again, when it failed, why.
    static let failuresOfWebhook = Statement(
        "failures_of_webhook",
        """
        SELECT turn, id, part, attempts, next_at IS NOT NULL, failed_at, last_error FROM webhook_failures WHERE endpoint = $1::text
        ORDER BY turn, id, part LIMIT $2::bigint
        """)

    /// All failures of endpoint $1, or the one of turn $2, id $3, part $4, are tried again from the
    /// first attempt on.
    static let replayFailures = Statement(
        "replay_failures",
        """
        UPDATE webhook_failures SET next_at = now(), attempts = 0
        WHERE endpoint = $1::text AND ($2::bigint IS NULL OR turn = $2::bigint AND id = $3::bigint AND part = $4::integer)
        """)

    /// Forgets the failures of endpoint $1; parameters as of `replayFailures`.
    static let skipFailures = Statement(
        "skip_failures",
        """
        DELETE FROM webhook_failures
        WHERE endpoint = $1::text AND ($2::bigint IS NULL OR turn = $2::bigint AND id = $3::bigint AND part = $4::integer)
        """)
}
