package import SaleCore

/// What Redis says of itself.
package struct StoreIdentity: Sendable, Equatable {
    /// The process and the history of its data: `run_id` and the beginning of `master_replid`. New
    /// at every start, and after every time as a replica.
    package var run: String
    package var isPrimary: Bool
    /// A majority of the configured Sentinels names this Redis the primary; always `true` without
    /// Sentinel. Only such a Redis may be rebuilt: one that was cut off together with its node
    /// would otherwise contend with its successor.
    package var isElected: Bool
    /// `false` means that a restart forgets every reservation.
    package var isAppendOnly: Bool
    /// What it does when its memory is full. Anything but `noeviction` may throw away a sale's keys
    /// one by one; empty when it does not say.
    package var evictionPolicy: String
    /// Such as `7.0.15`.
    package var version: String
    /// Part of a Redis Cluster, whose nodes each have a part of the keys: a script of ours meets
    /// `MOVED` there.
    package var isCluster: Bool

    package init(
        run: String, isPrimary: Bool, isElected: Bool = true, isAppendOnly: Bool, evictionPolicy: String = "noeviction", version: String,
        isCluster: Bool = false
    ) {
        self.run = run
        self.isPrimary = isPrimary
        self.isElected = isElected
        self.isAppendOnly = isAppendOnly
        self.evictionPolicy = evictionPolicy
        self.version = version
        self.isCluster = isCluster
    }
}

extension StoreIdentity {
    /// Redis refuses writes when its memory is full, rather than forget what was granted.
    package var keepsWhatItHolds: Bool { evictionPolicy.isEmpty || evictionPolicy == "noeviction" }

    /// What an operator should change, one sentence each.
    package var warnings: [String] {
        var warnings: [String] = []
        if !isAppendOnly {
            warnings.append("Redis keeps no append-only file: a restart forgets every reservation that is not in Postgres yet; set appendonly yes")
        }
        if !keepsWhatItHolds {
            warnings.append(
                "Redis throws keys away when its memory is full (\(evictionPolicy)): reservations and limits with them; set maxmemory-policy noeviction"
            )
        }
        if !isPrimary { warnings.append("Redis is a replica: nothing is sold until it is a primary") }
        return warnings
    }
}

/// The books of one sale as Redis holds them at one instant.
package struct StockReading: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        /// Units that would still be granted.
        package var available: Int64
        /// The `loaded` that Redis last heard of from Postgres.
        package var loaded: Int64
        /// Grows whenever units come back or are added, so that a sold-out flag of an older number
        /// is known to be stale.
        package var stockVersion: Int64
        /// The number of the last stock move that is part of `available`.
        package var lastMove: Int64

        package init(available: Int64, loaded: Int64, stockVersion: Int64, lastMove: Int64 = 0) {
            self.available = available
            self.loaded = loaded
            self.stockVersion = stockVersion
            self.lastMove = lastMove
        }

        package var isSoldOut: Bool { available <= 0 }
    }

    package var epoch: Epoch
    /// `false` while a rebuild is under way.
    package var isProven: Bool
    /// The `version` of the sale that Redis last heard of.
    package var saleVersion: Int64
    /// Those that were asked for, as far as Redis has them.
    package var items: [SKU: Item]
    /// Entries of the reservation log.
    package var logCount: Int64

    package init(epoch: Epoch, isProven: Bool, saleVersion: Int64, items: [SKU: Item], logCount: Int64 = 0) {
        self.epoch = epoch
        self.isProven = isProven
        self.saleVersion = saleVersion
        self.items = items
        self.logCount = logCount
    }
}

/// A place in Redis's record of changes.
package struct ChangePosition: Sendable, Equatable {
    /// Which record: another one begins when Redis has lost it.
    package var record: String
    /// The changes before it.
    package var count: Int64

    package init(record: String, count: Int64) {
        self.record = record
        self.count = count
    }
}

/// What the service's calls have changed in Redis since an earlier look.
package struct StockChanges: Sendable, Equatable {
    /// From where the next look asks; `nil` when there is no record, or not all of it.
    package var position: ChangePosition?
    /// `false` when the record does not reach back to the position that was asked for: anything may
    /// have changed.
    package var isComplete: Bool
    /// The changed items of each changed sale; `nil` for the whole sale.
    package var items: [SaleID: Set<SKU>?]

    package init(position: ChangePosition?, isComplete: Bool, items: [SaleID: Set<SKU>?]) {
        self.position = position
        self.isComplete = isComplete
        self.items = items
    }
}

/// What is to be read of a sale.
package struct StockQuestion: Sendable, Hashable {
    package var sale: SaleID
    /// All when `nil`.
    package var skus: [SKU]?

    package init(sale: SaleID, skus: [SKU]? = nil) {
        self.sale = sale
        self.skus = skus
    }
}

/// What came of telling Redis about a change in Postgres.
package enum SyncOutcome: Sendable, Equatable {
    /// Redis now stands where Postgres stands.
    case done
    /// Redis does not hold the sale, or not in this epoch: it must be rebuilt.
    case mustRebuild
}

/// What came of taking units back from sale.
package enum HoldOutcome: Sendable, Equatable {
    case held
    /// Nothing was changed: only this many units are not yet granted.
    case tooFew(available: Int64)
    case mustRebuild
}

/// An order of Postgres, as the rebuild tells it to Redis.
package struct RebuildEntry: Sendable, Equatable {
    package var order: OrderID
    package var user: UserID
    package var sku: SKU
    package var quantity: Int
    package var key: IdempotencyKey?
    /// A live order counts towards the user's limit; another one only settles its key.
    package var isLive: Bool

    package init(order: OrderID, user: UserID, sku: SKU, quantity: Int, key: IdempotencyKey?, isLive: Bool) {
        self.order = order
        self.user = user
        self.sku = sku
        self.quantity = quantity
        self.key = key
        self.isLive = isLive
    }
}

/// An order whose units Redis counts as taken.
package struct HeldOrder: Sendable, Equatable {
    package var order: OrderID
    package var user: UserID
    package var sku: SKU
    package var quantity: Int
    /// `nil` as well when another order of the user holds the key.
    package var key: IdempotencyKey?

    package init(order: OrderID, user: UserID, sku: SKU, quantity: Int, key: IdempotencyKey?) {
        self.order = order
        self.user = user
        self.sku = sku
        self.quantity = quantity
        self.key = key
    }
}

/// Redis as a server: who it is, what it lets us do, what time it has.
package protocol StockServer: Sendable {
    func identity() async throws(StoreError) -> StoreIdentity

    /// Runs a script that does everything that the others do, on keys of its own: whether the store
    /// lets us sell.
    ///
    /// - Throws: `refused` with the store's own words when it does not.
    func probe() async throws(StoreError)

    /// Loads the scripts that purchases need. Only to be called for a Redis whose numbers are
    /// proven: it is what lets it sell.
    func loadScripts() async throws(StoreError)
    /// Redis's clock.
    func now() async throws(StoreError) -> Timestamp
}

/// The books of sales in Redis, for whoever reads them.
package protocol StockReader: Sendable {
    /// The sale's books; `nil` when Redis does not hold the sale.
    func read(_ sale: SaleID) async throws(StoreError) -> StockReading?

    /// The same of many sales, in the order of the questions, each at an instant of its own.
    func read(_ questions: [StockQuestion]) async -> [Result<StockReading?, StoreError>]

    /// What has changed since `position`. Costs Redis as much as has changed, however many sales it
    /// holds.
    ///
    /// - Parameter position: of an earlier answer; `nil` tells of all changes that are on record.
    func changes(since position: ChangePosition?) async throws(StoreError) -> StockChanges

    /// Takes a sale that is over for good off the record of changes.
    func forgetChanges(of sale: SaleID, _ skus: [SKU]) async throws(StoreError)
}

/// The books of sales in Redis, for whoever changes them.
///
/// Whoever changes the stock of a sale holds that sale's lock in Postgres (`SaleLedger.withLock`),
/// so that `sync`, `hold` and a rebuild never interleave.
package protocol StockWriter: Sendable {
    /// Tells Redis the status, the window, the limits and the loaded units of `sale`. Available
    /// units move by the difference between `sale.items[].loaded` and what Redis last heard; a new
    /// item starts with all its units. Calling it again changes nothing, and a version older than
    /// the one that Redis has is ignored.
    func sync(_ sale: Sale) async throws(StoreError) -> SyncOutcome

    /// Takes `units` that are not yet granted off sale, before Postgres lowers `loaded`. `sync`
    /// puts them back if Postgres never did.
    func hold(_ units: Int64, of sku: SKU, in sale: SaleID, epoch: Epoch) async throws(StoreError) -> HoldOutcome
}

/// Redis as the goal of a rebuild. The caller holds the sale's lock.
package protocol RebuildTarget: Sendable {
    /// Begins a rebuild: from now on every purchase of the sale is refused as not loaded, under any
    /// epoch. Forgets stock, buyers and keys but those of `kept`; keeps the reservation log.
    func beginRebuild(of sale: SaleID, epoch: Epoch, keeping kept: [HeldOrder]) async throws(StoreError)
    /// Adds orders to the buyers and keys of a sale that is being rebuilt.
    func rebuild(_ entries: [RebuildEntry], of sale: SaleID, epoch: Epoch) async throws(StoreError)
    /// Ends a rebuild: available = loaded − committed of each item; the sale sells again.
    ///
    /// - Returns: `mustRebuild` when another rebuild began meanwhile.
    func endRebuild(of sale: Sale) async throws(StoreError) -> SyncOutcome
}

/// The orders that Redis counts.
package protocol HeldOrders: Sendable {
    /// The orders whose units Redis counts as taken, per SKU.
    func heldOrders(of sale: SaleID) async throws(StoreError) -> [SKU: Set<OrderID>]
    /// All that Redis knows of those of `ids` whose units it counts as taken, in the order of the
    /// ids.
    func heldOrders(_ ids: Set<OrderID>, of sale: SaleID) async throws(StoreError) -> [HeldOrder]
}

/// What was granted and is not yet in Postgres.
package protocol ReservationLog: Sendable {
    /// Entries of the reservation log that were granted at or before `instant`, at most `countMax`
    /// of them, in no order.
    func reservations(of sale: SaleID, grantedBefore instant: Timestamp, countMax: Int) async throws(StoreError) -> [Reservation]
    /// Entries of the reservation log.
    func logCount(of sale: SaleID) async throws(StoreError) -> Int64
    /// Units in the reservation log, per SKU.
    func unitsInFlight(of sale: SaleID) async throws(StoreError) -> [SKU: Int64]
    /// The log's entry of an order; `nil` when it was judged, or never granted.
    func reservation(_ order: OrderID, of sale: SaleID) async throws(StoreError) -> Reservation?
    /// Whether any of `sales` has an entry in its reservation log.
    func hasReservations(_ sales: [SaleID]) async throws(StoreError) -> Bool
    func settle(_ settlement: Settlement) async throws(StoreError)
}

/// Takes notice of units that moved in Postgres alone.
package protocol MoveReceiver: Sendable {
    /// Tells Redis of `moves` of one sale, each SKU's in the order of their numbers. A move that
    /// Redis knows of changes nothing.
    ///
    /// - Returns: those that Redis now knows of; not all when it does not hold the sale in `epoch`,
    ///   is being rebuilt, or misses an earlier number.
    func move(_ moves: [StockMove], of sale: SaleID, epoch: Epoch) async throws(StoreError) -> [StockMove]
}

/// Redis off the hot path. Calls may come from anywhere.
package typealias StockStore = StockServer & StockReader & StockWriter & RebuildTarget & HeldOrders & ReservationLog & MoveReceiver
