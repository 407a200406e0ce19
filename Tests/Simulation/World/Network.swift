import SaleCore

/// What a call came to, as its caller learns it.
package enum Delivery<Reply> {
    case reply(Reply)
    /// Nothing was sent.
    case notSent
    /// It was sent and nothing came back in time: it may have been done, and may yet be.
    case lost
}

extension Delivery: Sendable where Reply: Sendable {}

/// A server of the world as the network sees it.
package class SimulatedServer: @unchecked Sendable {
    let name: String
    let scheduler: Scheduler
    package private(set) var isUp = true
    /// Grows with every start: a connection to an earlier one is broken.
    package private(set) var incarnation = 0
    /// It answers nothing before this instant, as after SIGSTOP.
    var frozenUntil = MonotonicInstant.earliest

    init(name: String, scheduler: Scheduler) {
        self.name = name
        self.scheduler = scheduler
    }

    func stop() { isUp = false }

    func start() {
        isUp = true
        incarnation += 1
        frozenUntil = .earliest
    }
}

/// Carries calls, late, twice, or not at all.
package final class Network: @unchecked Sendable {
    /// In thousandths of all calls.
    struct Weather {
        var requestLost = 0
        var replyLost = 0
        var duplicated = 0
        /// Arrives after its caller has given up.
        var late = 0
        var latency: ClosedRange<UInt64> = 0...3

        static let fair = Weather()
    }

    let scheduler: Scheduler
    var weather = Weather.fair
    /// Names of a process and a server that do not reach each other.
    private var cuts: Set<[String]> = []

    init(scheduler: Scheduler) {
        self.scheduler = scheduler
    }

    func cut(_ process: String, from server: String) { cuts.insert([process, server]) }
    func heal(_ process: String, with server: String) { cuts.remove([process, server]) }
    func healAll() {
        cuts = []
        weather = .fair
    }

    private final class Call {
        var isOver = false
    }

    /// - Parameters:
    ///   - incarnation: of the server at the other end of the connection that is used.
    ///   - timeout: after which the caller gives up. Nanoseconds.
    ///   - isOnce: a duplicate of it would be another request. TCP delivers what is sent once;
    ///     everything else is so written that it may even come twice.
    ///   - operation: what the server does, in one step.
    ///   - completion: called once, and never on a process that was killed.
    func send<Reply>(
        from process: SimulatedProcess, to server: SimulatedServer, incarnation: Int, timeout: UInt64, isOnce: Bool = false,
        _ operation: @escaping () -> Reply, completion: @escaping (Delivery<Reply>) -> Void
    ) {
        let call = Call()
        func finish(_ delivery: Delivery<Reply>) {
            guard !call.isOver else { return }
            call.isOver = true
            completion(delivery)
        }
        func isReachable() -> Bool { server.isUp && server.incarnation == incarnation && !cuts.contains([process.name, server.name]) }
        func latency() -> UInt64 { scheduler.random.span(weather.latency) + UInt64.random(in: 1...900_000, using: &scheduler.random) }
        func arrive(isAnswered: Bool) {
            guard server.isUp, server.incarnation == incarnation else {
                return scheduler.after(latency()) { finish(.lost) }
            }
            if server.frozenUntil > scheduler.now { return scheduler.at(server.frozenUntil) { arrive(isAnswered: isAnswered) } }
            let reply = operation()
            guard isAnswered else { return }
            scheduler.after(latency()) { finish(isReachable() ? .reply(reply) : .lost) }
        }

        guard isReachable() else { return scheduler.after(latency()) { finish(.notSent) } }
        scheduler.after(timeout) { finish(.lost) }
        if scheduler.random.happens(weather.requestLost) {
            if scheduler.random.happens(500) { scheduler.after(latency()) { finish(.lost) } }
            return
        }
        if scheduler.random.happens(weather.late) {
            return scheduler.after(timeout + scheduler.random.span(1...2_000)) { arrive(isAnswered: false) }
        }
        if !isOnce, scheduler.random.happens(weather.duplicated) {
            scheduler.after(scheduler.random.span(1...1_500)) { arrive(isAnswered: false) }
        }
        let isAnswered = !scheduler.random.happens(weather.replyLost)
        scheduler.after(latency()) { [self] in
            arrive(isAnswered: isAnswered)
            if !isAnswered, scheduler.random.happens(500) { scheduler.after(latency()) { finish(.lost) } }
        }
    }

    /// The same for a task of the process.
    func call<Reply: Sendable>(
        from process: SimulatedProcess, to server: SimulatedServer, incarnation: Int, timeout: UInt64, _ operation: @escaping () -> Reply
    ) async -> Delivery<Reply> {
        guard !process.isDead else { return .notSent }
        let number = process.number()
        return await withCheckedContinuation { continuation in
            guard process.wait(number, giveUp: { continuation.resume(returning: .notSent) }) else { return }
            send(from: process, to: server, incarnation: incarnation, timeout: timeout, operation) { delivery in
                if process.ends(number) { continuation.resume(returning: delivery) }
            }
        }
    }
}
