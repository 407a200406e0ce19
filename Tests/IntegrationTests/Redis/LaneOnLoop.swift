import Logging
import NIOCore
import NIOPosix
import PrivateServers
import RedisStock
import SaleService

/// A lane and the event loop that it is confined to, for tests that run elsewhere.
final class LaneOnLoop: Sendable {
    typealias Answer = Result<ReservationReply, StoreError>

    private let eventLoop: any EventLoop
    private let lane: NIOLoopBoundBox<RedisReservations>

    /// - Parameter url: nobody is asked to connect before `connect`.
    init(_ url: String, replyTimeout: TimeAmount = .seconds(5)) throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let url = try RedisURL(url)
        self.eventLoop = eventLoop
        self.lane = .makeBoxSendingValue(
            RedisReservations(url: url, eventLoop: eventLoop, logger: .silent, replyTimeout: replyTimeout), eventLoop: eventLoop)
    }

    func connect() async throws {
        try await eventLoop.submit { self.lane.value.connect() }.get()
    }

    func run() async throws -> String? {
        try await eventLoop.submit { self.lane.value.run }.get()
    }

    /// Waits until there is a connection, to another process than `old` if one is given, and
    /// returns its `run`.
    func connectedRun(otherThan old: String? = nil) async throws -> String {
        try await eventually { try await self.run().flatMap { $0 == old ? nil : $0 } }
    }

    func waitUntilDisconnected() async throws {
        try await eventually { try await self.run() == nil ? true : nil }
    }

    func close() async throws {
        try await eventLoop.flatSubmit { self.lane.value.close() }.get()
    }

    func settle(_ settlement: Settlement) async throws {
        try await eventLoop.submit { self.lane.value.settle(settlement) }.get()
    }

    func settleAndClose(_ settlement: Settlement) async throws {
        try await eventLoop.flatSubmit {
            self.lane.value.settle(settlement)
            return self.lane.value.close()
        }.get()
    }

    func settleAndReserve(_ settlements: [Settlement], _ batch: ReservationBatch) async -> Answer {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                for settlement in settlements { self.lane.value.settle(settlement) }
                self.lane.value.reserve(batch) { continuation.resume(returning: $0) }
            }
        }
    }

    func reserve(_ batch: ReservationBatch) async -> Answer {
        await reserveInOneTurn([batch])[0].answer
    }

    /// Gives all batches to the lane in one turn of its event loop.
    ///
    /// - Returns: the answers in the order in which they came, each with the index of its batch.
    func reserveInOneTurn(_ batches: [ReservationBatch]) async -> [(index: Int, answer: Answer)] {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                let arrivals = Arrivals(expected: batches.count) { continuation.resume(returning: $0) }
                for (index, batch) in batches.enumerated() {
                    self.lane.value.reserve(batch) { arrivals.append(index, $0) }
                }
            }
        }
    }

    private final class Arrivals {
        private var answers: [(index: Int, answer: Answer)] = []
        private let expected: Int
        private let done: ([(index: Int, answer: Answer)]) -> Void

        init(expected: Int, done: @escaping ([(index: Int, answer: Answer)]) -> Void) {
            self.expected = expected
            self.done = done
        }

        func append(_ index: Int, _ answer: Answer) {
            answers.append((index, answer))
            if answers.count == expected { done(answers) }
        }
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// What stays untrue for ten seconds does not become true.
struct NeverHappened: Error {}

/// Asks until `condition` has a value.
@discardableResult
func eventually<Value: Sendable>(for limit: Duration = .seconds(10), _ condition: () async throws -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if let value = try await condition() { return value }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw NeverHappened()
}
