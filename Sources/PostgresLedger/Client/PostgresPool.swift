package import SaleService
import Synchronization

/// A few sessions that take turns.
package final class PostgresPool: Sendable {
    private struct Waiter {
        var ticket: UInt64
        var isBorrower: Bool
        var continuation: CheckedContinuation<PostgresSession?, Never>
    }
    private struct State {
        var idle: [PostgresSession]
        /// Longest waiting first.
        var waiters: [Waiter] = []
        var ticketLast: UInt64 = 0
        /// Sessions that are given away for longer than a statement.
        var borrowedCount = 0
        let borrowedMax: Int

        /// `nil` when whoever asks must wait.
        mutating func take(isBorrower: Bool) -> PostgresSession? {
            guard !isBorrower || borrowedCount < borrowedMax, let session = idle.popLast() else { return nil }
            if isBorrower { borrowedCount += 1 }
            return session
        }

        /// The waiter who gets a session that is free now.
        mutating func nextWaiter() -> Waiter? {
            guard let index = waiters.firstIndex(where: { !$0.isBorrower || borrowedCount < borrowedMax }) else { return nil }
            if waiters[index].isBorrower { borrowedCount += 1 }
            return waiters.remove(at: index)
        }
    }

    private let profile: SessionProfile
    private let state: Mutex<State>
    private let waitersMax: Int
    private let waitMax: Duration

    /// - Parameters:
    ///   - profile: of whoever does not ask for another one.
    ///   - waitersMax: how many callers may wait for a session; one more is refused at once.
    ///   - waitMax: how long one waits before it is refused, unless it says otherwise.
    package init(
        address: PostgresAddress, profile: SessionProfile, sessionCount: Int, waitersMax: Int = 256, waitMax: Duration = .seconds(2)
    ) {
        let sessions = (0..<sessionCount).map { _ in PostgresSession(address: address, profile: profile) }
        // One is always left for those who ask a single question.
        self.state = Mutex(State(idle: sessions, borrowedMax: max(1, sessionCount - 1)))
        self.profile = profile
        self.waitersMax = waitersMax
        self.waitMax = waitMax
    }

    /// Runs `body` on a free session.
    ///
    /// - Throws: `unavailable` when none is free in time; else as `body`.
    package func perform<Value: Sendable>(
        as profile: SessionProfile? = nil, waitMax: Duration? = nil,
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await observe(as: profile, waitMax: waitMax, body).value
    }

    /// As `perform`, and tells what must be confirmed.
    package func observe<Value: Sendable>(
        as profile: SessionProfile? = nil, waitMax: Duration? = nil,
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Observed<Value> {
        guard let session = await takeSession(isBorrower: false, waitMax: waitMax ?? self.waitMax) else { throw Self.busy }
        defer { put(back: session, isBorrower: false) }
        let profile = profile ?? self.profile
        return try await session.observe { (session: isolated PostgresSession) throws(JournalError) in
            try session.adopt(profile)
            return try body(session)
        }
    }

    /// Gives `body` a session for as long as it runs, such as for a cursor or for locks of a
    /// session. All but one of the pool's may be away so; whoever comes later waits. The session
    /// keeps its connection afterwards: `body` leaves no transaction and no lock behind, or closes
    /// it.
    ///
    /// - Throws: `unavailable` when none is free in time; else as `body`.
    package func borrow<Value: Sendable>(
        as profile: SessionProfile, waitMax: Duration, _ body: @Sendable (PostgresSession) async throws -> Value
    ) async throws -> Value {
        guard let session = await takeSession(isBorrower: true, waitMax: waitMax) else { throw Self.busy }
        defer { put(back: session, isBorrower: true) }
        try await session.adopt(profile)
        return try await body(session)
    }

    /// As `borrow`, until `giveBack`.
    func keep(as profile: SessionProfile, waitMax: Duration) async throws(JournalError) -> PostgresSession {
        guard let session = await takeSession(isBorrower: true, waitMax: waitMax) else { throw Self.busy }
        do {
            try await session.adopt(profile)
        } catch {
            giveBack(session)
            throw error
        }
        return session
    }

    func giveBack(_ session: PostgresSession) {
        put(back: session, isBorrower: true)
    }

    private static let busy = JournalError.unavailable(reason: "every database session is busy")

    private func takeSession(isBorrower: Bool, waitMax: Duration) async -> PostgresSession? {
        if let session = state.withLock({ $0.take(isBorrower: isBorrower) }) { return session }
        let ticket = state.withLock { state in
            state.ticketLast += 1
            return state.ticketLast
        }
        // Leaving the scope cancels the timer and waits for its end.
        async let _: Void = giveUp(ticket, after: waitMax)
        return await wait(with: ticket, isBorrower: isBorrower)
    }

    private func wait(with ticket: UInt64, isBorrower: Bool) async -> PostgresSession? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Turn {
                    case served(PostgresSession?)
                    case waits
                }
                let turn: Turn = state.withLock { state in
                    if let session = state.take(isBorrower: isBorrower) { return .served(session) }
                    if state.waiters.count >= waitersMax || Task.isCancelled { return .served(nil) }
                    state.waiters.append(Waiter(ticket: ticket, isBorrower: isBorrower, continuation: continuation))
                    return .waits
                }
                if case .served(let session) = turn { continuation.resume(returning: session) }
            }
        } onCancel: {
            refuse(ticket)
        }
    }

    private func giveUp(_ ticket: UInt64, after waitMax: Duration) async {
        guard (try? await Task.sleep(for: waitMax)) != nil else { return }
        refuse(ticket)
    }

    /// Ends the waiting of `ticket`; nothing when it was served, or has not begun.
    private func refuse(_ ticket: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    private func put(back session: PostgresSession, isBorrower: Bool) {
        let waiter: Waiter? = state.withLock { state in
            if isBorrower { state.borrowedCount -= 1 }
            guard let waiter = state.nextWaiter() else {
                state.idle.append(session)
                return nil
            }
            return waiter
        }
        waiter?.continuation.resume(returning: session)
    }
}
