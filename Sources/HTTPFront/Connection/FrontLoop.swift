import NIOCore

/// What the connections of one event loop share. Confined to that loop.
final class FrontLoop {
    let state: FrontState
    private let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: ConnectionGuard] = [:]
    private var lag: LoopLag
    /// Storage for answers, kept for the next connection that writes one.
    private var spare = ByteBuffer()

    /// Short enough to see a stall before many requests are read, long enough to cost nothing.
    private static let lagInterval: UInt64 = 50_000_000

    init(state: FrontState, eventLoop: any EventLoop) {
        self.state = state
        self.eventLoop = eventLoop
        lag = LoopLag(interval: Self.lagInterval, now: eventLoop.now.uptimeNanoseconds)
    }

    /// Nanoseconds of the monotonic clock.
    var now: UInt64 { eventLoop.now.uptimeNanoseconds }

    /// How late this loop runs what is due, in nanoseconds.
    func lag(at now: UInt64) -> UInt64 { lag.nanoseconds(at: now) }

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

    func opened(_ connection: ConnectionGuard) {
        connections[ObjectIdentifier(connection)] = connection
        state.connectionOpened()
    }

    func closed(_ connection: ConnectionGuard) {
        if connections.removeValue(forKey: ObjectIdentifier(connection)) != nil { state.connectionClosed() }
    }

    private func scheduleLagTick() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(deadline: .uptimeNanoseconds(lag.dueAt)) {
            let loop = bound.value
            loop.state.metrics.lagged(nanoseconds: loop.lag.tick(at: loop.now))
            loop.scheduleLagTick()
        }
    }

    private func scheduleSweep() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .nanoseconds(Int64(state.limits.sweepInterval))) {
            bound.value.sweep()
            bound.value.scheduleSweep()
        }
    }

    /// Looks at every connection: one timer for all costs less than one each, which every request would have to move.
    private func sweep() {
        let now = now
        let count = state.connectionCount
        state.metrics.counted(connections: count)
        let isCrowded = state.limits.isCrowded(open: count)
        // A copy: connections that close leave the table meanwhile.
        for connection in Array(connections.values) { connection.check(at: now, isCrowded: isCrowded) }
    }
}
