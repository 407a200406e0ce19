import HTTPFront
import Logging
import NIOCore
import NIOPosix
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// The engine on the loops of the public port, with a purchase context in front and a Redis
/// connection behind for each of them.
struct PurchasePath: Sendable {
    let engine: SaleEngine
    let contexts: PurchaseContexts
    let pages = SalePages()
    private let connections: [NIOLoopBound<RedisReservations>]

    init(
        settings: Settings, stores: Stores, authenticator: Authenticator, report: RequestReport, group: MultiThreadedEventLoopGroup, logger: Logger
    ) async {
        let loops = Array(group.makeIterator())
        connections = await Self.onEach(loops) { loop in
            let connection = RedisReservations(url: stores.redisURL, eventLoop: loop, logger: logger)
            connection.connect()
            return NIOLoopBound(connection, eventLoop: loop)
        }
        let engine = SaleEngine(
            SaleEngine.Configuration(
                queueCapacity: settings.queueCapacity, promisedWait: settings.commitWait,
                firstClock: StockClock(reading: .wallClock, at: monotonicNow())),
            stores: stores.ports, connections: connections, context: ServiceContext(logger: logger))
        // Another Redis is there, or the same again: what it says is wanted now.
        stores.redis.onConnected { engine.refreshes.look() }
        engine.catalog.onReading { [pages] in pages.update($0.sales) }
        let configuration = PurchaseContext.Configuration(
            authenticator: authenticator,
            limiters: RateLimiters(perUser: settings.limitPerUser, perAddress: settings.limitPerAddress, total: settings.limitTotal),
            commitWait: settings.commitWait, trustedProxies: settings.trustedProxies?.value,
            onUnreadableAddress: ForwardingWarning(logger: logger).unreadable, report: report, pages: pages,
            origins: settings.corsOrigins?.value, keyRule: settings.keyRule)
        let metrics = PurchaseMetrics()
        let contexts = await Self.onEach(loops) { loop in
            NIOLoopBound(
                PurchaseContext(lane: engine.lanes.lane(on: loop), configuration: configuration, metrics: metrics), eventLoop: loop)
        }
        self.engine = engine
        self.contexts = PurchaseContexts(Array(zip(loops, contexts)))
    }

    /// Purchases that are granted, or may be, and have no verdict yet.
    var ordersLeft: Int { engine.admission.count }

    /// Of the oldest batch that Postgres has not judged, in nanoseconds.
    var commitAge: @Sendable () -> UInt64 {
        { [admission = engine.admission] in admission.commitAge(at: monotonicNow()) ?? 0 }
    }

    /// Awaits the settlements that are under way and closes the lanes' connections.
    func close() async {
        for connection in connections {
            try? await connection.eventLoop.flatSubmit { connection.value.close() }.get()
        }
    }

    private static func onEach<Value: Sendable>(
        _ loops: [any EventLoop], _ make: @escaping @Sendable (any EventLoop) -> Value
    ) async -> [Value] {
        var made: [Value] = []
        for loop in loops {
            do {
                made.append(try await loop.submit { make(loop) }.get())
            } catch {
                fatalError("an event loop that was just started runs its tasks")
            }
        }
        return made
    }
}
