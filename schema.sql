-- The whole schema of Seckill. Apply it as it is, as often as you like: a second application changes nothing.
--
--     psql --set ON_ERROR_STOP=1 --file schema.sql        or        seckill migrate
--
-- Money is in the currency's minor unit. Text is COLLATE "C": names are bytes here, and comparing bytes is what an insert pays for in each index.
-- An order is *live* while it holds its units: in `awaiting_payment` and in `paid`.

-- Alone, before all else: this waits for whoever reads the audit trail, and no purchase may wait behind it for what the rest has locked.
BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '10s';
SELECT pg_advisory_xact_lock(32479017389976684);

DO $$
BEGIN
    IF to_regclass('operator_audit') IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = to_regclass('operator_audit') AND attname = 'channel'
    ) THEN
        ALTER TABLE operator_audit ADD COLUMN channel text COLLATE "C" NOT NULL DEFAULT 'cli', ADD COLUMN reason text,
            ADD COLUMN request_id text COLLATE "C", ADD COLUMN order_id uuid;
    END IF;
END
$$;

COMMIT;

BEGIN;

SET LOCAL client_min_messages = warning;
-- Whoever must wait longer for a lock gives up, rather than make purchases queue up behind it.
SET LOCAL lock_timeout = '10s';

-- One applier at a time: IF NOT EXISTS alone lets two at once collide in the system catalogue.
SELECT pg_advisory_xact_lock(32479017389976684);

-- Rules of single columns that a batch of orders meets. As a CHECK of its table each would be read and planned again by every statement that writes a row, whether or
-- not it writes that column; a domain's is kept, and asked only about what is written.
--
-- Nodes that run keep statements whose columns must not change their types, so a database of an earlier version gets these only while nobody else is connected to it,
-- and keeps its CHECKs until then. NOT VALID there: those CHECKs held for what is in it, and looking again would read every order.
DO $$
DECLARE
    is_new CONSTANT boolean := to_regclass('sales') IS NULL;
    waits integer;
    rule record;
BEGIN
    IF to_regtype('sale_name') IS NOT NULL THEN
        RETURN;
    END IF;
    IF NOT is_new THEN
        FOR turn IN 1..2 LOOP
            waits := 0;
            PERFORM pg_stat_clear_snapshot();
            WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL) LOOP
                waits := waits + 1;
                IF waits > 10 THEN
                    RETURN;
                END IF;
                -- Whoever is about to leave may.
                PERFORM pg_sleep(0.1), pg_stat_clear_snapshot();
            END LOOP;
            -- Whoever comes from here on waits, and sees the new types. In the order in which orders are written.
            LOCK TABLE orders, stock, sales, stock_ledger IN ACCESS EXCLUSIVE MODE;
        END LOOP;
        ALTER TABLE orders
            DROP CONSTRAINT IF EXISTS orders_state_check, DROP CONSTRAINT IF EXISTS orders_rejection_has_reason,
            DROP CONSTRAINT IF EXISTS orders_one_per_user_is_one_unit;
    END IF;
    FOR rule IN SELECT * FROM (VALUES
        ('sale_name', 'text COLLATE "C"', $check$VALUE ~ '^[a-z0-9._-]{1,64}$'$check$, 'sales', 'id'),
        ('sku_name', 'text COLLATE "C"', $check$VALUE ~ '^[a-z0-9._-]{1,64}$'$check$, 'stock', 'sku'),
        ('currency_code', 'text COLLATE "C"', $check$VALUE ~ '^[A-Z]{3}$'$check$, 'stock', 'currency'),
        ('price', 'bigint', 'VALUE >= 0', 'stock', 'unit_price'),
        ('units_on_sale', 'bigint', 'VALUE >= 0', 'stock', 'loaded'),
        ('user_limit', 'integer', 'VALUE >= 1', 'stock', 'limit_per_user'),
        ('order_quantity', 'integer', 'VALUE BETWEEN 1 AND 1000', 'orders', 'quantity'),
        -- no_units, conflict: Postgres found no room for it. abandoned: Redis gave its node no answer, and its buyer was told that it came to nothing.
        ('order_rejection', 'text COLLATE "C"', $check$VALUE IN ('no_units', 'conflict', 'abandoned')$check$, 'orders', 'rejection'),
        -- load: an operator moved `loaded`. commit: a batch of orders took units. release: an order gave its units back. payment, refund: money moved.
        ('ledger_kind', 'text COLLATE "C"', $check$VALUE IN ('load', 'commit', 'release', 'payment', 'refund')$check$, 'stock_ledger', 'kind')
    ) AS known (domain, base, check_of, relation, attribute)
    LOOP
        EXECUTE format('CREATE DOMAIN %I AS %s', rule.domain, rule.base);
        IF NOT is_new THEN
            -- Before the domain has its rule: a column that takes on a rule is written anew, row by row.
            EXECUTE format(
                'ALTER TABLE %1$I DROP CONSTRAINT IF EXISTS %2$I, ALTER COLUMN %3$I TYPE %4$I',
                rule.relation, rule.relation || '_' || rule.attribute || '_check', rule.attribute, rule.domain);
        END IF;
        EXECUTE format(
            'ALTER DOMAIN %1$I ADD CONSTRAINT %2$I CHECK (%3$s)%4$s',
            rule.domain, rule.domain || '_check', rule.check_of, CASE WHEN is_new THEN '' ELSE ' NOT VALID' END);
    END LOOP;
    IF NOT is_new THEN
        ALTER TABLE orders ADD CONSTRAINT orders_consistent CHECK (
            state IN ('awaiting_payment', 'paid', 'cancelled', 'expired', 'rejected') AND (state = 'rejected') = (rejection IS NOT NULL)
            AND (NOT one_per_user OR quantity = 1)) NOT VALID;
    END IF;
END
$$;

-- What operators said of a sale, and which Redis may sell it.
CREATE TABLE IF NOT EXISTS sales (
    id            sale_name PRIMARY KEY,
    title         text NOT NULL,
    status        text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paused', 'closed')),
    opens_at      timestamptz NOT NULL,
    closes_at     timestamptz NOT NULL,
    -- How long a committed order may wait for its payment. Milliseconds, not an interval: a day of an interval is not always 24 hours.
    pay_within_ms bigint NOT NULL CHECK (pay_within_ms > 0),
    -- Grows with every change that an operator makes, of an item, too; the newer one wins in Redis.
    version       bigint NOT NULL DEFAULT 1,
    -- Grows with every rebuild of the sale in Redis. A script call under another epoch is refused.
    epoch         bigint NOT NULL DEFAULT 0,
    -- The run_id of the Redis whose numbers were proven for this epoch; empty while none is.
    proven_run    text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    -- The transaction that last changed this row or, but for the units in live orders, one of its items: nodes read what changed since they looked. Kept by a
    -- trigger, so that a hand in the database is noticed, too.
    changed_in    bigint NOT NULL DEFAULT 0,
    CONSTRAINT sales_window CHECK (opens_at < closes_at)
);

-- The items of a sale and their books. A row is never deleted, so that every order finds its item without a foreign key: checking one would lock the
-- hot row once per order.
CREATE TABLE IF NOT EXISTS stock (
    sale_id        text COLLATE "C" NOT NULL REFERENCES sales (id),
    sku            sku_name NOT NULL,
    title          text NOT NULL,
    unit_price     price NOT NULL,
    currency       currency_code NOT NULL,
    -- Units that were put on sale.
    loaded         units_on_sale NOT NULL,
    -- Units in live orders.
    committed      bigint NOT NULL DEFAULT 0,
    limit_per_user user_limit NOT NULL,
    -- Whether `user_units` guards the limit, rather than the unique index `orders_of_user`. Set when the limit first goes above 1, and never taken back: a
    -- counter can hold a limit of 1 too, an index cannot take in users who already have more.
    counts_users   boolean NOT NULL,
    -- Grows with every change of `loaded` or `limit_per_user`; the newer one wins in Redis.
    version        bigint NOT NULL DEFAULT 1,
    -- The sale's epoch, once more in the row that every movement of units locks: so whoever moves units knows whether Redis is being rebuilt around them.
    epoch          bigint NOT NULL DEFAULT 0,
    -- The number of the last of `stock_moves` of this item.
    last_move      bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sale_id, sku),
    -- The judge: a batch that would sell one unit too many breaks this and is rolled back as a whole.
    CONSTRAINT stock_committed_within_loaded CHECK (committed BETWEEN 0 AND loaded),
    CONSTRAINT stock_limit_guarded CHECK (limit_per_user = 1 OR counts_users)
) WITH (fillfactor = 20);  -- Room for the many versions of a hot row on its own page, so that no update touches the index.

-- Every order that Postgres has judged. Each index costs a purchase about 3 microseconds; each one below guards a rule.
CREATE TABLE IF NOT EXISTS orders (
    -- UUIDv7: sorted by id is sorted by time, which is why no index on created_at exists.
    id              uuid PRIMARY KEY,
    -- When Redis granted it, by Redis's clock.
    created_at      timestamptz NOT NULL,
    pay_by          timestamptz NOT NULL,
    -- As it was when the order was committed.
    unit_price      bigint NOT NULL,
    -- The epoch in which it was granted.
    epoch           bigint NOT NULL,
    quantity        order_quantity NOT NULL,
    -- The index `orders_of_user` guards the limit of this order's user: see `stock.counts_users`.
    one_per_user    boolean NOT NULL,
    -- A payment arrived after the units were given back.
    refund_due      boolean NOT NULL DEFAULT false,
    -- A row of `unpaid_batches` says when it is due, and so no index needs to.
    due_by_batch    boolean NOT NULL DEFAULT false,
    sale_id         text COLLATE "C" NOT NULL,
    sku             text COLLATE "C" NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    -- `reserved` is a state that only Redis knows. Forward only: each transition names the state that it leaves.
    state           text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    -- Null as well for a rejected order whose key another order holds, or is free to hold.
    idempotency_key text COLLATE "C",
    rejection       order_rejection,
    -- One CHECK, because each costs every batch. A rejected order has a reason. The index `orders_of_user` counts orders; it stands for units only while each is one.
    CONSTRAINT orders_consistent CHECK (
        state IN ('awaiting_payment', 'paid', 'cancelled', 'expired', 'rejected') AND (state = 'rejected') = (rejection IS NOT NULL)
        AND (NOT one_per_user OR quantity = 1))
);

-- Two things in one, because each index is paid for by every purchase: it finds a user's orders, and it guards the limit of items whose limit has always
-- been 1. The last column is null, and so equal to no other, for an order that is not guarded or no longer live.
CREATE UNIQUE INDEX IF NOT EXISTS orders_of_user ON orders
    (user_id, sale_id, sku, (CASE WHEN one_per_user AND state IN ('awaiting_payment', 'paid') THEN true END));
-- One order per idempotency key, in any state: a key outlives its order's cancellation.
CREATE UNIQUE INDEX IF NOT EXISTS orders_idempotency_key ON orders (user_id, sale_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- When the orders of a batch are due, of which some may await their payment: what the sweep for unpaid orders reads first. The row goes once none does.
CREATE TABLE IF NOT EXISTS unpaid_batches (
    -- Of the order that is due first.
    pay_by      timestamptz NOT NULL,
    -- Orders of other batches may lie between; who looks for those of this one finds some of theirs, due as well or not.
    first_order uuid NOT NULL,
    last_order  uuid NOT NULL,
    sale_id     text COLLATE "C" NOT NULL,
    sku         text COLLATE "C" NOT NULL,
    PRIMARY KEY (pay_by, first_order)
);

-- Units in live orders per user, where the limit is or was above 1. Whoever ends a live order subtracts its quantity here, after the order's row and before
-- the stock row; for an item that counts no users there is no row to find.
CREATE TABLE IF NOT EXISTS user_units (
    user_id        text COLLATE "C" NOT NULL,
    sale_id        text COLLATE "C" NOT NULL,
    sku            text COLLATE "C" NOT NULL,
    units          bigint NOT NULL,
    -- The item's limit when units were last added: what the CHECK holds `units` to. A lower limit does not undo what was bought under a higher one.
    limit_per_user integer NOT NULL,
    PRIMARY KEY (user_id, sale_id, sku),
    CONSTRAINT user_units_within_limit CHECK (units BETWEEN 0 AND limit_per_user)
) WITH (fillfactor = 70);

-- Every movement of stock and money. Append only; its sums are the columns of `stock`.
CREATE TABLE IF NOT EXISTS stock_ledger (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    sale_id   text COLLATE "C" NOT NULL,
    sku       text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    kind      ledger_kind NOT NULL,
    -- By how much `stock.loaded` and `stock.committed` moved.
    loaded    bigint NOT NULL DEFAULT 0,
    committed bigint NOT NULL DEFAULT 0,
    -- Money received; negative when paid back.
    amount    bigint NOT NULL DEFAULT 0,
    currency  text COLLATE "C",
    -- The order, where the movement is of one order.
    order_id  uuid,
    PRIMARY KEY (sale_id, sku, id)
);

-- What operators did: one row per command that changed something.
CREATE TABLE IF NOT EXISTS operator_audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text NOT NULL,
    command text NOT NULL,
    sale_id text COLLATE "C" NOT NULL,
    -- One line per change, old value and new value.
    changes text[] NOT NULL,
    -- How the command came: `cli`, `api`, `console`.
    channel text COLLATE "C" NOT NULL DEFAULT 'cli',
    -- Why, in the operator's words.
    reason  text,
    -- Of the HTTP request that it came with.
    request_id text COLLATE "C",
    -- The order, where it was done to one order.
    order_id uuid
);

-- Changes that operators made under an Idempotency-Key, entered with each: asked for again, a change is not made again. Forgotten after a day.
CREATE TABLE IF NOT EXISTS operator_requests (
    actor      text NOT NULL,
    -- SHA-256 of the key, and of what was asked for.
    key        text COLLATE "C" NOT NULL,
    request    text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    -- What was answered; null until it was.
    status     integer,
    entity_tag text,
    answer     text,
    PRIMARY KEY (actor, key)
);

-- Results of payments, once each, whatever they led to.
CREATE TABLE IF NOT EXISTS payment_events (
    event_id    text COLLATE "C" PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES orders (id),
    outcome     text COLLATE "C" NOT NULL CHECK (outcome IN ('succeeded', 'failed')),
    amount      bigint NOT NULL,
    currency    text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    -- What it did to the order: paid or cancelled it, or came after the units were given back, or changed nothing.
    effect      text COLLATE "C" NOT NULL CHECK (effect IN ('paid', 'cancelled', 'refund_due', 'none'))
);

-- Money that went back to buyers. The `refund` rows of the ledger say how much; these say by which transfer, and who says so.
CREATE TABLE IF NOT EXISTS refunds (
    order_id    uuid NOT NULL REFERENCES orders (id),
    -- What the payment provider calls the transfer. One transfer may pay several orders back.
    reference   text COLLATE "C" NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    currency    text COLLATE "C" NOT NULL,
    refunded_at timestamptz NOT NULL DEFAULT now(),
    actor       text NOT NULL,
    PRIMARY KEY (order_id, reference)
);

-- Units that moved in Postgres alone and that Redis may not know of yet: written together with the order's transition, deleted once Redis knows.
CREATE TABLE IF NOT EXISTS stock_moves (
    sale_id         text COLLATE "C" NOT NULL,
    sku             text COLLATE "C" NOT NULL,
    -- One higher than the item's last one, without gaps, in the order of the commits: the item's row is locked. Redis remembers the last number that it knows of.
    number          bigint NOT NULL,
    -- charge: the order was granted in an epoch that had ended before it was committed, so that no number of Redis counts it. give_back: its units came back.
    kind            text COLLATE "C" NOT NULL CHECK (kind IN ('charge', 'give_back')),
    order_id        uuid NOT NULL,
    user_id         text COLLATE "C" NOT NULL,
    quantity        integer NOT NULL CHECK (quantity > 0),
    idempotency_key text COLLATE "C",
    epoch           bigint NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sale_id, sku, number)
);

-- What databases of earlier versions lack. The catalog is asked first, because ALTER TABLE would wait for every purchase under way even when nothing is to be done.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'stock'::regclass AND attname = 'last_move') THEN
        ALTER TABLE stock ADD COLUMN epoch bigint NOT NULL DEFAULT 0, ADD COLUMN last_move bigint NOT NULL DEFAULT 0;
        UPDATE stock SET epoch = sales.epoch FROM sales WHERE sales.id = stock.sale_id;
    END IF;
    IF to_regtype('order_rejection') IS NULL AND NOT EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = 'orders'::regclass AND conname = 'orders_rejection_check'
            AND pg_get_constraintdef(oid) LIKE '%abandoned%'
    ) THEN
        ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_rejection_check,
            ADD CONSTRAINT orders_rejection_check CHECK (rejection IN ('no_units', 'conflict', 'abandoned'));
    END IF;
    DROP TABLE IF EXISTS give_backs;
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'sales'::regclass AND attname = 'changed_in') THEN
        ALTER TABLE sales ADD COLUMN changed_in bigint NOT NULL DEFAULT 0;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'due_by_batch') THEN
        ALTER TABLE orders ADD COLUMN due_by_batch boolean NOT NULL DEFAULT false;
    END IF;
END
$$;

-- What the sweep reads for orders that no batch speaks for. In a database of an earlier version it holds all that await payment, which is slower and as good, until
-- somebody makes it anew: see docs/operate.md.
CREATE INDEX IF NOT EXISTS orders_awaiting_payment ON orders (pay_by) WHERE state = 'awaiting_payment' AND NOT due_by_batch;

CREATE INDEX IF NOT EXISTS sales_changed_in ON sales (changed_in);

CREATE OR REPLACE FUNCTION sale_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END
$$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'sales'::regclass AND tgname = 'sales_changed') THEN
        CREATE TRIGGER sales_changed BEFORE INSERT OR UPDATE ON sales FOR EACH ROW EXECUTE FUNCTION sale_changed();
    END IF;
END
$$;

-- Events out: what happened to orders and sales, for whoever reads the feed. One row per statement and item, whatever the number of orders; pruned once it is a week old.
--
-- Rows are read in the order of (turn, id), and only while `turn` is below every transaction that is still open, so that nothing appears behind a reader: a row's own
-- transaction is never above its turn. Per item that is the order of the commits: whoever moves units enters the event after it has locked the item's row, and sees
-- then that whoever held the lock before is completed. The transaction's own number would not do: it is drawn before the lock.
CREATE OR REPLACE FUNCTION event_turn() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- VOLATILE: this looks at the database as it is now, and not as the statement first saw it.
    RETURN greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1);
END
$$;

CREATE TABLE IF NOT EXISTS events (
    turn    bigint NOT NULL DEFAULT event_turn(),
    id      bigint GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL DEFAULT now(),
    -- Such as order.committed: see docs/integrate.md.
    type    text COLLATE "C" NOT NULL,
    sale_id text COLLATE "C" NOT NULL,
    -- Null for an event of the sale as a whole.
    sku     text COLLATE "C",
    -- All of the statement's orders of this item, sorted; null for an event of no order.
    orders  uuid[],
    -- Why, where that is not in the type.
    cause   text,
    -- Who, where that was an operator.
    actor   text,
    PRIMARY KEY (turn, id)
) WITH (toast_tuple_target = 8160);  -- Five hundred orders stay in their row.

-- How far each webhook endpoint was served, and by which node at the moment.
CREATE TABLE IF NOT EXISTS webhook_cursors (
    endpoint   text COLLATE "C" PRIMARY KEY,
    -- The last event that needs no further look: delivered, not wanted, or in `webhook_failures`.
    turn       bigint NOT NULL DEFAULT 0,
    id         bigint NOT NULL DEFAULT 0,
    part       integer NOT NULL DEFAULT 0,
    holder     text COLLATE "C" NOT NULL DEFAULT '',
    -- Until then nobody else serves it, unless the holder lets go.
    held_until timestamptz NOT NULL DEFAULT '-infinity',
    -- When a node last had the endpoint in its settings: one that nobody names any more keeps no events.
    named_at   timestamptz NOT NULL DEFAULT now(),
    -- The receiver answered 410, or an operator said so.
    stopped_at timestamptz,
    last_error text COLLATE "C" NOT NULL DEFAULT ''
);

-- Events that an endpoint did not take at first. A row goes once the event is delivered.
CREATE TABLE IF NOT EXISTS webhook_failures (
    endpoint   text COLLATE "C" NOT NULL,
    turn       bigint NOT NULL,
    id         bigint NOT NULL,
    part       integer NOT NULL,
    attempts   integer NOT NULL,
    -- Null once nobody tries any more: until an operator has it sent again.
    next_at    timestamptz,
    failed_at  timestamptz NOT NULL DEFAULT now(),
    last_error text COLLATE "C" NOT NULL,
    PRIMARY KEY (endpoint, turn, id, part)
);

CREATE INDEX IF NOT EXISTS webhook_failures_due ON webhook_failures (endpoint, next_at) WHERE next_at IS NOT NULL;

COMMIT;
