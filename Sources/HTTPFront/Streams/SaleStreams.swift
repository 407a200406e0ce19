import NIOCore
import SaleCore
import SaleService

/// The live streams of one event loop: tells each what changed, as soon as the catalog or the clock
/// changes it, and that the connection lives, where nothing does. Confined to that loop.
final class SaleStreams {
    /// What a stream tells of.
    struct Name: Hashable {
        var sale: String
        /// In their order; `nil` is all.
        var skus: [SKU]?
    }

    private final class Group {
        var topic: StreamTopic
        /// When all were told something last.
        var toldAt: MonotonicInstant
        var streams: [ObjectIdentifier: LiveStream] = [:]

        init(_ topic: StreamTopic, at now: MonotonicInstant) {
            self.topic = topic
            toldAt = now
        }
    }

    private let pages: SalePages
    private let lane: PurchaseLane
    private let environment: ConnectionEnvironment
    private var groups: [Name: Group] = [:]

    init(pages: SalePages, lane: PurchaseLane, environment: ConnectionEnvironment, eventLoop: any EventLoop) {
        self.pages = pages
        self.lane = lane
        self.environment = environment
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        pages.onChange {
            eventLoop.execute { bound.value.look(at: MonotonicInstant(nanoseconds: eventLoop.now.uptimeNanoseconds)) }
        }
    }

    // MARK: Streams

    /// A further stream, for which there is a place already.
    ///
    /// - Parameter page: of the whole sale.
    func open(_ name: Name, _ page: SalePage, address: String?, outlet: any StreamOutlet, at now: MonotonicInstant) -> LiveStream {
        let stream = LiveStream(name, address: address, outlet: outlet, streams: self, at: now)
        let group = groups[name] ?? Group(StreamTopic(page, skus: name.skus, at: lane.time(at: now)), at: now)
        // What it begins with is what the others know by then.
        turn(group, to: page, at: now)
        group.streams[ObjectIdentifier(stream)] = stream
        groups[name] = group
        environment.metrics.counted(streams: environment.streams.count)
        return stream
    }

    /// What a stream begins with.
    func writeOpening(of stream: LiveStream, lastEventID: String?, at now: MonotonicInstant, into buffer: inout ByteBuffer) {
        buffer.writeString(StreamText.retry(milliseconds: .random(in: Limits.streamRetryMilliseconds)))
        guard let topic = groups[stream.name]?.topic, lastEventID.map(topic.isKnown) != true else { return }
        topic.writeSale(at: lane.time(at: now), into: &buffer)
        environment.metrics.streamed(.sent)
    }

    /// Tells it when to come back, and ends it.
    func dismiss(_ stream: LiveStream) {
        guard remove(stream) else { return }
        // They were told so together, and must not come back together, however many they are.
        let spread = max(Limits.streamReturnSpreadMilliseconds, environment.streams.count * Limits.streamReturnSpreadMillisecondsEach)
        let least = Limits.streamRetryMilliseconds.lowerBound
        stream.finish(StreamText.bye(milliseconds: .random(in: least...least + spread)))
        environment.metrics.streamed(.sent)
    }

    func ended(_ stream: LiveStream) { _ = remove(stream) }

    /// `false` when it is over already.
    private func remove(_ stream: LiveStream) -> Bool {
        guard let group = groups[stream.name], group.streams.removeValue(forKey: ObjectIdentifier(stream)) != nil else { return false }
        if group.streams.isEmpty { groups[stream.name] = nil }
        environment.streams.leave(stream.address)
        environment.metrics.counted(streams: environment.streams.count)
        return true
    }

    // MARK: Events

    /// Tells what is new at `now`.
    func look(at now: MonotonicInstant) {
        // Copies: streams that end leave the tables meanwhile.
        for (name, group) in Array(groups) {
            if !environment.drain.isAnnounced, let page = pages.page(of: name.sale) {
                turn(group, to: page, at: now)
                let silence = environment.limits.streamSilence
                for stream in Array(group.streams.values) where stream.sentAt.duration(to: now) >= silence {
                    send(StreamText.heartbeat, to: stream, at: now)
                }
            } else {
                for stream in Array(group.streams.values) { dismiss(stream) }
            }
        }
    }

    private func turn(_ group: Group, to page: SalePage, at now: MonotonicInstant) {
        let isEarly = group.toldAt.duration(to: now) < environment.limits.streamPace(open: environment.streams.count)
        guard let event = group.topic.turn(to: page, at: lane.time(at: now), isEarly: isEarly) else { return }
        group.toldAt = now
        for stream in Array(group.streams.values) { environment.metrics.streamed(send(event, to: stream, at: now)) }
    }

    @discardableResult
    private func send(_ bytes: ByteBuffer, to stream: LiveStream, at now: MonotonicInstant) -> LiveStream.Result {
        let result = stream.send(bytes, at: now)
        if result == .dropped {
            environment.metrics.closed(.slowReader)
            _ = remove(stream)
        }
        return result
    }
}
