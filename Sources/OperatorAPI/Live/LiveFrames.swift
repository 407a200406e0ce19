import HTTPFront
import NIOCore
package import SaleCore
package import SaleService
import Synchronization

/// Frames of the fleet, each written once and given to everybody who listens. The newest are kept,
/// so that a page that is loaded again shows what it showed before.
package final class LiveFrames: Sendable {
    private struct Listener {
        var continuation: AsyncStream<ByteBuffer>.Continuation
        /// Frames in a row that it had no room for.
        var missed = 0
        var isAdmitted: @Sendable () -> Bool
        var onStall: @Sendable () -> Void
    }

    private struct Kept {
        var at: MonotonicInstant
        var bytes: ByteBuffer
    }

    private struct State {
        var kept: [Kept] = []
        var keptByteCount = 0
        var listeners: [UInt64: Listener] = [:]
        var lastListener: UInt64 = 0
        /// Until when frames are made although nobody listens.
        var wantedUntil = MonotonicInstant.earliest
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let isDraining: @Sendable () -> Bool
    private let now: @Sendable () -> MonotonicInstant

    /// - Parameter isDraining: from then on every stream is at its end.
    package init(isDraining: @escaping @Sendable () -> Bool, now: @escaping @Sendable () -> MonotonicInstant = monotonicNow) {
        self.isDraining = isDraining
        self.now = now
    }

    /// Whether another frame is worth its making. Ends the streams when the node drains.
    package var isWanted: Bool {
        if isDraining() {
            end()
            return false
        }
        let now = now()
        return state.withLock { !$0.hasEnded && (!$0.listeners.isEmpty || now < $0.wantedUntil) }
    }

    package func publish(_ frame: FleetFrame) {
        guard let bytes = try? LiveFrameJSON.event(frame) else { return }
        let now = now()
        let listeners = state.withLock { state in
            state.kept.append(Kept(at: now, bytes: bytes))
            state.keptByteCount += bytes.readableBytes
            Self.forget(&state, at: now)
            return state.listeners
        }
        for (id, listener) in listeners {
            guard listener.isAdmitted() else {
                listener.continuation.finish()
                continue
            }
            switch listener.continuation.yield(bytes) {
            case .dropped: missed(id)
            case .enqueued: state.withLock { $0.listeners[id]?.missed = 0 }
            default: break
            }
        }
    }

    /// From now on nobody hears anything more.
    package func end() {
        let listeners = state.withLock { state in
            state.hasEnded = true
            defer { state.listeners = [:] }
            return state.listeners.values.map(\.continuation)
        }
        for listener in listeners { listener.finish() }
    }

    /// The newest `history` frames that are kept, then each that is made, until the node drains.
    ///
    /// - Parameters:
    ///   - isAdmitted: asked for each frame; the stream ends when it is not any more.
    ///   - onStall: told when the listener has taken nothing for so long that it is let go.
    func listen(
        history: Int, isAdmitted: @escaping @Sendable () -> Bool, onStall: @escaping @Sendable () -> Void
    ) throws(Problem) -> LiveStream {
        guard !isDraining() else { throw Problem(.draining) }
        let (frames, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(Limits.liveFramesWaitingMax))
        let now = now()
        let entered = try state.withLock { state throws(Problem) -> (id: UInt64, kept: [ByteBuffer])? in
            guard !state.hasEnded else { throw Problem(.draining) }
            guard state.listeners.count < Limits.liveStreamsMax else { return nil }
            state.lastListener += 1
            state.listeners[state.lastListener] = Listener(continuation: continuation, isAdmitted: isAdmitted, onStall: onStall)
            Self.forget(&state, at: now)
            return (state.lastListener, state.kept.suffix(history).map(\.bytes))
        }
        guard let entered else {
            throw Problem(
                .overloaded, detail: "\(Limits.liveStreamsMax) already listen to this node.",
                retryAfterSeconds: Int.random(in: Limits.liveRetryAfterSeconds))
        }
        continuation.onTermination = { [weak self] _ in self?.leave(entered.id) }
        return LiveStream(kept: entered.kept, frames: frames)
    }

    package var listenerCount: Int { state.withLock { $0.listeners.count } }

    private func leave(_ id: UInt64) {
        let until = now().advanced(by: Limits.liveLinger.nanoseconds)
        state.withLock { state in
            state.listeners[id] = nil
            state.wantedUntil = until
        }
    }

    /// A listener that takes nothing holds a place that somebody else could have.
    private func missed(_ id: UInt64) {
        let stalled = state.withLock { state -> Listener? in
            guard var listener = state.listeners[id] else { return nil }
            listener.missed += 1
            state.listeners[id] = listener.missed < Limits.liveMissedMax ? listener : nil
            return listener.missed < Limits.liveMissedMax ? nil : listener
        }
        stalled?.continuation.finish()
        stalled?.onStall()
    }

    private static func forget(_ state: inout State, at now: MonotonicInstant) {
        var count = max(0, state.kept.count - Limits.liveHistoryMax)
        var byteCount = state.keptByteCount - state.kept.prefix(count).reduce(0) { $0 + $1.bytes.readableBytes }
        while count < state.kept.count,
            byteCount > Limits.liveHistoryBytesMax || state.kept[count].at.duration(to: now) > Limits.liveHistoryAge.nanoseconds
        {
            byteCount -= state.kept[count].bytes.readableBytes
            count += 1
        }
        state.kept.removeFirst(count)
        state.keptByteCount = byteCount
    }
}

/// The body of one stream.
struct LiveStream: AsyncSequence, Sendable {
    let kept: [ByteBuffer]
    let frames: AsyncStream<ByteBuffer>

    func makeAsyncIterator() -> Iterator { Iterator(kept: kept[...], frames: frames.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        var kept: ArraySlice<ByteBuffer>
        var frames: AsyncStream<ByteBuffer>.Iterator

        mutating func next(isolation actor: isolated (any Actor)?) async -> ByteBuffer? {
            if let frame = kept.popFirst() { return frame }
            return await frames.next(isolation: actor)
        }
    }
}
