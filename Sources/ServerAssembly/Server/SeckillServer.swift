import Foundation
package import HTTPFront
import Hummingbird
package import Logging
import NIOCore
import NIOPosix
import OperatorAPI
import PostgresLedger
import RedisStock
import SaleCore
import SaleService
import ServiceLifecycle
package import UnixSignals

/// The whole service, wired. `init` reaches Redis and Postgres; `run` serves until it is told to
/// stop.
package struct SeckillServer: Sendable {
    private let settings: Settings
    private let stores: Stores
    private let authentication: Authentication
    private let paymentSignature: (any PaymentVerifier)?
    private let events: EventsOut
    private let metrics: PrometheusRegistry
    private let group: MultiThreadedEventLoopGroup
    private let path: PurchasePath
    private let readiness: Readiness
    private let front: ConnectionEnvironment
    private let report: RequestReport
    private let gate: OperatorGate
    private let storefront: Storefront?
    private let logger: Logger

    /// - Parameters:
    ///   - front: the bounds of the public port; by default those of the service, and no more
    ///     connections than the process may have descriptors.
    ///   - makeToken: for made-up buyers of the storefront; `nil` where buyers are real.
    /// - Throws: `StartError`, in one line for the operator.
    package init(
        settings: Settings, front: ConnectionEnvironment? = nil, makeToken: (@Sendable () -> String)? = nil, logger: Logger
    ) async throws(StartError) {
        let metrics = ProcessMetricsRegistry.shared
        let authentication = try Authentication(settings, logger: logger)
        let paymentSignature = try Authentication.paymentSignature(settings)
        let gate = try OperatorGate(settings, logger: logger)
        if paymentSignature == nil { logger.notice("no payment events are taken: SECKILL_PAYMENT_SECRET_FILE is not set") }
        let events = try EventsOut(settings)
        let stores = try await Stores.open(settings, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        do {
            try await stores.requireSchema()
            for warning in try await stores.warnings() { logger.warning("\(warning)") }
            for warning in try await stores.redis.identity().warnings { logger.warning("\(warning)") }
            await stores.warnOfRedis(logger)
        } catch let error as JournalError {
            await stores.close()
            throw .schema(error)
        } catch let error as StoreError {
            await stores.close()
            throw StartError(error, of: stores.redisURL)
        } catch {
            await stores.close()
            throw .unavailable("\(error)")
        }
        self.settings = settings
        self.stores = stores
        self.authentication = authentication
        self.paymentSignature = paymentSignature
        self.events = events
        self.metrics = metrics
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        self.logger = logger
        self.gate = gate
        self.storefront = settings.servesStorefront ? Storefront(makeToken: makeToken) : nil
        self.front =
            front
            ?? ConnectionEnvironment(
                limits: .of(settings, logger), streams: StreamPlaces(max: settings.streamsMax), proxyProtocol: settings.proxyProtocol(logger))
        self.report = RequestReport(
            log: settings.accessLog == .off ? nil : AccessLog(settings.accessLog, logger: logger))
        self.path = await PurchasePath(
            settings: settings, stores: stores, authenticator: authentication.authenticator, report: report, group: group, logger: logger)
        self.readiness = Readiness(
            stores: stores, probe: StoreProbe(store: stores.redis), catalog: path.engine.catalog, commitAge: path.commitAge, drain: self.front.drain,
            hasKeys: authentication.hasKeys)
    }

    /// Serves until `signals` or the task's graceful shutdown end it: first the ports close and the
    /// requests under way are answered, then the queue is committed, last the connections to Redis
    /// close. See `Drain`.
    ///
    /// - Parameters:
    ///   - hangup: what SIGHUP means, where signals stop the service at all.
    ///   - watch: runs beside the service and is cancelled before it ends; asks whether the event
    ///     loops of the public port turn.
    ///   - onDraining: told at the first signal.
    ///   - onCutShort: told when the service ends before it is drained, with the number of orders
    ///     that are left to the reservation log.
    ///   - onListening: told the two addresses once both ports listen.
    /// - Throws: `StartError.listen` when a port cannot be had.
    package func run(
        stoppingOn signals: [UnixSignal] = [.sigterm, .sigint],
        hangup: Hangup = .isIgnoredByItsStarter,
        watch: @escaping @Sendable (_ isServing: @escaping @Sendable () async -> Bool) async -> Void = { _ in },
        onDraining: @escaping @Sendable () -> Void = {},
        onCutShort: @escaping @Sendable (_ ordersLeft: Int) -> Void = { _ in },
        onListening: @escaping @Sendable (_ public: ListenAddress, _ admin: ListenAddress) async -> Void = { _, _ in }
    ) async throws {
        let listening = ListeningPorts(onBoth: onListening)
        var publicServer = PublicServer.application(
            router: PublicRoutes.router(routeDependencies()), contexts: path.contexts, environment: front, address: settings.bind.bindAddress,
            group: group, logger: logger, onServerRunning: { await listening.publicPort(is: $0, of: settings.bind) })
        publicServer.beforeServerStarts { [warmup = CatalogWarmup(catalog: path.engine.catalog)] in try await warmup.wait() }
        let live = LiveFrames(isDraining: { [drain = front.drain] in drain.isAnnounced })
        let fleetWatch = FleetWatch(
            directory: stores.redis, catalog: path.engine.catalog, ledger: stores.orders, isWanted: { live.isWanted },
            publish: { live.publish($0) }, onEnd: { live.end() })
        let adminServer = AdminServer.application(
            router: OperatorRoutes.router(
                AdminRoutes.Dependencies(readiness: readiness.checks, metrics: metrics), operatorDependencies(live: live), gate: gate,
                report: report),
            address: settings.adminBind.bindAddress,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger, now: { [catalog = path.engine.catalog] in catalog.now },
            onServerRunning: { await listening.adminPort(is: $0, of: settings.adminBind) })
        let readinessWatch = ReadinessWatch(checks: readiness.checks, drain: front.drain)
        let drainWish = DrainWish()
        let heartbeats = Heartbeats(
            stores: stores, catalog: path.engine.catalog, metrics: metrics, watch: readinessWatch, drain: front.drain,
            addresses: { (listening.known.public ?? settings.bind, listening.known.admin ?? settings.adminBind) }, wishes: drainWish, logger: logger)
        // Stopped in the opposite order.
        let services: [any Service] =
            path.engine.services + authentication.services + events.services(stores, logger: logger) + [
                readinessWatch, heartbeats.service,
                ListeningService(application: adminServer, setting: "SECKILL_ADMIN_BIND", address: settings.adminBind),
                // Before the admin port, which waits for its streams.
                fleetWatch,
                ListeningService(application: publicServer, setting: "SECKILL_BIND", address: settings.bind),
            ]
        let configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            logger: logger)
        let running = ServiceGroup(configuration: configuration)
        let drain = Drain(
            signals: signals, hangup: hangup, delay: settings.drainDelay, deadline: settings.drainDeadline, state: front.drain,
            lanes: path.engine.lanes, wish: drainWish,
            logger: logger)
        do {
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                tasks.addTask {
                    try await drain.watch(over: running, onBegin: onDraining) { onCutShort(path.ordersLeft) }
                    return false
                }
                tasks.addTask {
                    try await running.run()
                    return true
                }
                tasks.addTask {
                    await watch { await isServing() }
                    return false
                }
                while let isOver = try await tasks.next(), !isOver {}
                tasks.cancelAll()
            }
        } catch is Drain.CutShort, is CancellationError {
            await close()
            return
        } catch {
            await close()
            throw error
        }
        await close()
    }

    /// Whether the event loops of the public port turn: what a watchdog wants to know.
    private func isServing() async -> Bool {
        for loop in group.makeIterator() {
            guard (try? await loop.submit { true }.get()) == true else { return false }
        }
        return true
    }

    /// Everything that runs on the loops has ended: what comes to one later is lost.
    private func close() async {
        await path.close()
        await stores.close()
        try? await group.shutdownGracefully()
    }

    private func routeDependencies() -> PublicRoutes.Dependencies {
        let (catalog, reservedOrders) = (path.engine.catalog, path.engine.reservedOrders)
        return PublicRoutes.Dependencies(
            authenticator: authentication.authenticator, orders: stores.orders,
            lookupReservation: { id in try await reservedOrders.order(id) },
            actions: path.engine.actions, orderLimiter: settings.limitOrders.map { RateLimiter(limit: $0, entriesMax: Limits.bucketEntriesMax) },
            paymentSignature: paymentSignature, pages: path.pages, storefront: storefront, readiness: readiness.checks,
            now: { catalog.now }, report: report, isDraining: { [drain = front.drain] in drain.isAnnounced })
    }

    private func operatorDependencies(live: LiveFrames) -> OperatorRoutes.Dependencies {
        let catalog = path.engine.catalog
        return OperatorRoutes.Dependencies(
            sales: SaleOperations(ledger: stores.catalog, store: stores.redis, journal: stores.recoveryJournal, logger: logger),
            orders: OrderOperations(stores), requests: stores.catalog,
            obedience: { [watch = ObedienceWatch(directory: stores.redis)] sale in
                try? await watch.awaitObedience(of: sale, at: catalog.now, within: Limits.obedienceWait)
            },
            events: EventReading(feed: stores.feed, isDraining: { [drain = front.drain] in drain.isAnnounced }),
            nodes: stores.redis, live: live,
            isStillOperator: { [gate] in gate.knows($0) }, stores: { [stores] in await stores.standings() },
            upkeep: OperatorRoutes.Upkeep(
                webhooks: stores.webhooks, transports: events.transports, ledger: stores.catalog, settings: settings.inForce), now: { catalog.now })
    }
}

extension ListenAddress {
    var bindAddress: BindAddress { .hostname(host, port: port) }
}
