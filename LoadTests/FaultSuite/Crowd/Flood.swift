import LoadSupport
import NIOCore
import NIOPosix
import Synchronization

/// Offers purchases at a rate, whatever comes back, each by a new buyer: raw bytes over kept
/// connections, so that one core offers many times what a service can take.
final class Flood: Sendable {
    enum Pace: Sendable, Equatable {
        case perSecond(Double)
        /// As fast as the connections get answers.
        case closedLoop
    }

    /// What one request came to.
    struct Entry: Sendable {
        var user: String
        var status: Int
        var code: String?
        var order: String?
        /// Since the start.
        var endedAt: Duration
    }

    private struct State {
        var entries: [Entry] = []
        var sent = 0
        /// Due, and no connection was free.
        var unsent = 0
        var lost = 0
    }

    private let state = Mutex(State())
    let startedAt = ContinuousClock.now
    let usersPrefix: String

    private init(usersPrefix: String) {
        self.usersPrefix = usersPrefix
    }

    /// Floods `node` for so long while `faults` happen, and waits a moment for the last answers.
    static func run(
        _ node: NodeProcess, _ pace: Pace, connections: Int, seconds: Double, usersPrefix: String,
        faults: @escaping @Sendable (Flood) async throws -> Void = { _ in }
    ) async throws -> Flood {
        let flood = Flood(usersPrefix: usersPrefix)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: node.port)
        let worker = try await loop.submit { NIOLoopBound(FloodWorker(flood, to: address, pace: pace, loop: loop), eventLoop: loop) }.get()
        try await loop.flatSubmit { worker.value.open(connections) }.get()
        let outcome = await Result { try await faults(flood) }
        let left = .seconds(seconds) - flood.now
        if left > .zero { try await Task.sleep(for: left) }
        try await loop.submit { worker.value.stop() }.get()
        try await eventually(within: .seconds(4)) { flood.isAnswered }
        try await loop.submit { worker.value.close() }.get()
        try outcome.get()
        return flood
    }

    var now: Duration { ContinuousClock.now - startedAt }
    /// To its last answer.
    var duration: Duration { entries.map(\.endedAt).max() ?? .zero }
    var entries: [Entry] { state.withLock { $0.entries } }
    var offered: Int { state.withLock { $0.sent + $0.unsent } }
    var sent: Int { state.withLock { $0.sent } }
    private var isAnswered: Bool { state.withLock { $0.entries.count + $0.lost >= $0.sent } }

    /// 201 and 202, per second of a span.
    func goodput(from start: Duration, to end: Duration) -> Double {
        let sold = state.withLock { $0.entries.count { $0.status < 300 && $0.endedAt >= start && $0.endedAt < end } }
        return Double(sold) / (end - start).seconds
    }

    // MARK: For the worker

    /// The number of the next buyer.
    func take() -> Int {
        state.withLock { state in
            state.sent += 1
            return state.sent
        }
    }

    func name(ofUser number: Int) -> String { "\(usersPrefix)\(number)" }

    func skip(_ count: Int) { state.withLock { $0.unsent += count } }
    func lose() { state.withLock { $0.lost += 1 } }

    func answered(_ user: Int, status: Int, code: String?, order: String?) {
        let now = now
        state.withLock { $0.entries.append(Entry(user: name(ofUser: user), status: status, code: code, order: order, endedAt: now)) }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension Flood {
    /// For the judge: every buyer as an intention, every answer as an exchange.
    static func evidence(_ floods: [Flood]) -> (intentions: [Intention], log: [BuyerExchange]) {
        var intentions: [Intention] = []
        var log: [BuyerExchange] = []
        for entry in floods.flatMap(\.entries) {
            let body = entry.order.map { "{\"id\":\"\($0)\"}" } ?? "{\"code\":\"\(entry.code ?? "")\"}"
            log.append(
                BuyerExchange(
                    intention: intentions.count, attempt: 1, door: 0, sentAt: entry.endedAt, endedAt: entry.endedAt,
                    outcome: .answered(Answer(status: entry.status, body: body))))
            intentions.append(Intention(user: entry.user, key: nil))
        }
        return (intentions, log)
    }
}
