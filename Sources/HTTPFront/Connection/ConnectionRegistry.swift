import NIOCore
import SaleCore

/// What the connections of one event loop share. Confined to that loop.
final class ConnectionRegistry {
    let environment: ConnectionEnvironment
    let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private var lag: LoopLag
    /// Storage for answers, kept for the next connection that writes one.
    private var spare = ByteBuffer()
    /// Once there was one.
    private var streams: SaleStreams?

    /// Short enough to see a stall before many requests are read, long enough to cost nothing.
    private static let lagInterval: UInt64 = 50_000_000

    init(environment: ConnectionEnvironment, eventLoop: any EventLoop) {
        self.environment = environment
        self.eventLoop = eventLoop
        lag = LoopLag(interval: Self.lagInterval, now: MonotonicInstant(nanoseconds: eventLoop.now.uptimeNanoseconds))
    }

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: eventLoop.now.uptimeNanoseconds) }

    /// How late this loop runs what is due, in nanoseconds.
    func lag(at now: MonotonicInstant) -> UInt64 { lag.nanoseconds(at: now) }

    func start() {
        scheduleLagTick()
        scheduleSweep()
    }

    // MARK: Storage for answers

    private static let bufferBytesMin = 4_096
    /// One that grew beyond this is not kept.
    private static let bufferBytesMax = 1 << 18

    /// An empty buffer with room for a few answers.
    func takeBuffer() -> ByteBuffer {
        guard spare.capacity > 0 else { return ByteBufferAllocator().buffer(capacity: Self.bufferBytesMin) }
        defer { spare = ByteBuffer() }
        // Gets other storage if the channel still holds on to this.
        spare.clear()
        return spare
    }

    func giveBack(_ buffer: ByteBuffer) {
        if buffer.capacity <= Self.bufferBytesMax { spare = buffer }
    }

    // MARK: Connections

    func opened(_ connection: ConnectionHandler) {
        connections[ObjectIdentifier(connection)] = connection
        environment.connectionOpened()
    }

    func closed(_ connection: ConnectionHandler) {
        if connections.removeValue(forKey: ObjectIdentifier(connection)) != nil { environment.connectionClosed() }
    }

    /// The live streams among them; made when the first is wanted.
    func streams(over shared: PurchaseContext) -> SaleStreams {
        if let streams { return streams }
        let made = SaleStreams(pages: shared.configuration.pages, lane: shared.lane, environment: environment, eventLoop: eventLoop)
        streams = made
        return made
    }

    private func scheduleLagTick() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(deadline: .uptimeNanoseconds(lag.dueAt.nanoseconds)) {
            let loop = bound.value
            loop.environment.metrics.lagged(nanoseconds: loop.lag.tick(at: loop.now))
            loop.scheduleLagTick()
        }
    }

    private func scheduleSweep() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .nanoseconds(Int64(environment.limits.sweepInterval))) {
            bound.value.sweep()
            bound.value.scheduleSweep()
        }
    }

    /// Looks at every connection: one timer for all costs less than one each, which every request
    /// would have to move.
    private func sweep() {
        let now = now
        let count = environment.connectionCount
        environment.metrics.counted(connections: count)
        let isCrowded = environment.limits.isCrowded(open: count)
        // A copy: connections that close leave the table meanwhile.
        for connection in Array(connections.values) { connection.check(at: now, isCrowded: isCrowded) }
        streams?.look(at: now)
    }
}
