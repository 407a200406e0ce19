package import NIOCore
package import ServiceLifecycle

/// The service between its front and its stores, composed: a purchase lane per event loop, one
/// queue, a few writers, and everything that looks, repairs and sweeps beside them. Production, the
/// simulation and the cost probe differ only in what they pass in.
package struct SaleEngine: Sendable {
    package struct Configuration: Sendable {
        /// Purchases between their admission and their verdict, at most.
        package var queueCapacity: Int
        /// None is admitted while those ahead of it would take longer.
        package var promisedWait: Duration
        package var errandsMax: Int
        /// The node's own clock, a guess that serves until Redis has told its time.
        package var firstClock: StockClock

        package init(
            queueCapacity: Int, promisedWait: Duration, errandsMax: Int = Limits.laneErrandsMax,
            firstClock: StockClock
        ) {
            self.queueCapacity = queueCapacity
            self.promisedWait = promisedWait
            self.errandsMax = errandsMax
            self.firstClock = firstClock
        }
    }

    package let lanes: LaneSet
    package let catalog: CatalogStore
    package let refreshes: RefreshRequests
    package let actions: OrderActions
    package let reservedOrders: ReservedOrders
    package let queue: OrderQueue
    package let admission: Admission
    /// What must run, in the order of the start; stopped in the opposite one.
    package let services: [any Service]

    /// - Parameter connections: one per event loop, to the Redis that holds the stock. The purchase
    ///   lanes over them are made on their loops, before anything else that comes to these from now
    ///   on.
    package init(
        _ configuration: Configuration, stores: StorePorts, connections: [NIOLoopBound<some ReservationLane & SendableMetatype>],
        context: ServiceContext
    ) {
        let runtime = context.runtime
        context.metrics.started(queueCapacity: configuration.queueCapacity)
        let outage = Outage(logger: context.logger)
        let queue = OrderQueue(capacity: configuration.queueCapacity)
        let admission = Admission(capacity: configuration.queueCapacity, promisedWait: configuration.promisedWait)
        let refreshes = RefreshRequests(runtime: runtime)
        let catalog = CatalogStore()
        let logs = FilledLogs()
        let unknowns = UnknownOrders(journal: stores.recoveryJournal, log: stores.stock, context)
        let errands = LaneErrands(limit: configuration.errandsMax)
        let sweep = LogRecovery(log: stores.stock, journal: stores.recoveryJournal)
        let replays = ReplayLookup(reader: stores.orders, log: stores.stock, sweep: sweep, runtime: runtime)
        let node = LaneNode(
            queue: queue, admission: admission, replays: replays, unknowns: unknowns, errands: errands, refreshes: refreshes, context: context)
        let lanes = LaneSet(loops: connections.map(\.eventLoop)) { index in
            PurchaseLane(index: index, eventLoop: connections[index].eventLoop, store: connections[index].value, node: node)
        }
        let reservedOrders = ReservedOrders(log: stores.stock, catalog: catalog, runtime: runtime)
        self.lanes = lanes
        self.catalog = catalog
        self.refreshes = refreshes
        self.queue = queue
        self.admission = admission
        self.reservedOrders = reservedOrders
        actions = OrderActions(life: stores.life, reserved: reservedOrders, sweep: sweep)

        let leftovers = LogRecoveryService(catalog: catalog, logs: logs, sweep: sweep, context)
        let expiry = ExpirySweeper(life: stores.life, context)
        let mover = StockMover(life: stores.life, redis: stores.stock, catalog: catalog, context)
        let watch = LedgerWatch(reader: stores.orders, timelines: stores.timelines, admission: admission, outage: outage, context)
        let writers = stores.journals.enumerated().map { number, journal in
            OrderWriter(number: number, queue: queue, journal: journal, lanes: lanes, admission: admission, outage: outage, context)
        }
        services = [
            OrderWriters(queue: queue, writers: writers),
            CatalogRefresher(
                ledger: stores.ledger, store: stores.stock, catalog: catalog, logs: logs, refreshes: refreshes,
                repair: SaleRepair(ledger: stores.ledger, store: stores.stock, journal: stores.recoveryJournal, context), lanes: lanes,
                queue: queue, admission: admission, firstClock: configuration.firstClock, context),
            PeriodicService(every: Limits.leftoverInterval, runtime: runtime) { await leftovers.sweep() },
            PeriodicService(every: Limits.expiryInterval, runtime: runtime) { await expiry.sweep() },
            PeriodicService(every: Limits.moveInterval, runtime: runtime) { await mover.move() },
            PeriodicService(every: Limits.ledgerWatchInterval, runtime: runtime) { await watch.look() },
            StockWatch(ledger: stores.orders, catalog: catalog, runtime: runtime),
            PeriodicService(every: Limits.unknownOrdersInterval, runtime: runtime) { await unknowns.workOff() },
            // The last to start and the first to stop: when the ports have closed, nobody waits for
            // one that has not begun.
            errands,
        ]
    }
}
