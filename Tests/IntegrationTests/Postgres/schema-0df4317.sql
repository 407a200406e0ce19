-- The whole schema of Seckill. Apply it as it is, as often as you like: a second application changes nothing.
--
--     psql --set ON_ERROR_STOP=1 --file schema.sql        or        seckill migrate
--
-- Money is in the currency's minor unit. Text is COLLATE "C": names are bytes here, and comparing bytes is what an insert pays for in each index.
-- An order is *live* while it holds its units: in `awaiting_payment` and in `paid`.

BEGIN;

SET LOCAL client_min_messages = warning;
-- Whoever must wait longer for a lock gives up, rather than make purchases queue up behind it.
SET LOCAL lock_timeout = '10s';

-- One applier at a time: IF NOT EXISTS alone lets two at once collide in the system catalogue.
SELECT pg_advisory_xact_lock(32479017389976684);

-- What operators said of a sale, and which Redis may sell it.
CREATE TABLE IF NOT EXISTS sales (
    id            text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[a-z0-9._-]{1,64}$'),
    title         text NOT NULL,
    status        text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paused', 'closed')),
    opens_at      timestamptz NOT NULL,
    closes_at     timestamptz NOT NULL,
    -- How long a committed order may wait for its payment. Milliseconds, not an interval: a day of an interval is not always 24 hours.
    pay_within_ms bigint NOT NULL CHECK (pay_within_ms > 0),
    -- Grows with every change of the status or the window; the newer one wins in Redis.
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
    sku            text COLLATE "C" NOT NULL CHECK (sku ~ '^[a-z0-9._-]{1,64}$'),
    title          text NOT NULL,
    unit_price     bigint NOT NULL CHECK (unit_price >= 0),
    currency       text COLLATE "C" NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Units that were put on sale.
    loaded         bigint NOT NULL CHECK (loaded >= 0),
    -- Units in live orders.
    committed      bigint NOT NULL DEFAULT 0,
    limit_per_user integer NOT NULL CHECK (limit_per_user >= 1),
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
    quantity        integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    -- The index `orders_of_user` guards the limit of this order's user: see `stock.counts_users`.
    one_per_user    boolean NOT NULL,
    -- A payment arrived after the units were given back.
    refund_due      boolean NOT NULL DEFAULT false,
    sale_id         text COLLATE "C" NOT NULL,
    sku             text COLLATE "C" NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    -- `reserved` is a state that only Redis knows. Forward only: each transition names the state that it leaves.
    state           text COLLATE "C" NOT NULL CHECK (state IN ('awaiting_payment', 'paid', 'cancelled', 'expired', 'rejected')),
    user_id         text COLLATE "C" NOT NULL,
    -- Null as well for a rejected order whose key another order holds, or is free to hold.
    idempotency_key text COLLATE "C",
    -- no_units, conflict: Postgres found no room for it. abandoned: Redis gave its node no answer, and its buyer was told that it came to nothing.
    rejection       text COLLATE "C" CONSTRAINT orders_rejection_check CHECK (rejection IN ('no_units', 'conflict', 'abandoned')),
    CONSTRAINT orders_rejection_has_reason CHECK ((state = 'rejected') = (rejection IS NOT NULL)),
    -- The index counts orders; it stands for units only while each order is one unit.
    CONSTRAINT orders_one_per_user_is_one_unit CHECK (NOT one_per_user OR quantity = 1)
);

-- Two things in one, because each index is paid for by every purchase: it finds a user's orders, and it guards the limit of items whose limit has always
-- been 1. The last column is null, and so equal to no other, for an order that is not guarded or no longer live.
CREATE UNIQUE INDEX IF NOT EXISTS orders_of_user ON orders
    (user_id, sale_id, sku, (CASE WHEN one_per_user AND state IN ('awaiting_payment', 'paid') THEN true END));
-- One order per idempotency key, in any state: a key outlives its order's cancellation.
CREATE UNIQUE INDEX IF NOT EXISTS orders_idempotency_key ON orders (user_id, sale_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- What the sweep for unpaid orders reads: its size is that of what is due, not of what was ever sold.
CREATE INDEX IF NOT EXISTS orders_awaiting_payment ON orders (pay_by) WHERE state = 'awaiting_payment';

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
    -- load: an operator moved `loaded`. commit: a batch of orders took units. release: an order gave its units back. payment, refund: money moved.
    kind      text COLLATE "C" NOT NULL CHECK (kind IN ('load', 'commit', 'release', 'payment', 'refund')),
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
    changes text[] NOT NULL
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
    IF NOT EXISTS (
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
END
$$;

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

COMMIT;
