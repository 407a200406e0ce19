package import SaleService
import Synchronization

/// A few sessions that take turns.
package final class PostgresPool: Sendable {
    private struct Waiter {
        var ticket: UInt64
        var continuation: CheckedContinuation<PostgresSession?, Never>
    }
    private struct State {
        var idle: [PostgresSession]
        /// Longest waiting first.
        var waiters: [Waiter] = []
        var ticketLast: UInt64 = 0
    }

    private let state: Mutex<State>
    private let waitersMax: Int
    private let waitMax: Duration

    /// - Parameters:
    ///   - waitersMax: how many callers may wait for a session; one more is refused at once.
    ///   - waitMax: how long one waits before it is refused.
    package init(
        address: PostgresAddress, profile: SessionProfile, sessionCount: Int, waitersMax: Int = 256, waitMax: Duration = .seconds(2)
    ) {
        let sessions = (0..<sessionCount).map { _ in PostgresSession(address: address, profile: profile) }
        self.state = Mutex(State(idle: sessions))
        self.waitersMax = waitersMax
        self.waitMax = waitMax
    }

    /// Runs `body` on a free session.
    ///
    /// - Throws: `unavailable` when none is free in time; else as `body`.
    package func perform<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        guard let session = await takeSession() else { throw .unavailable(reason: "every database session is busy") }
        defer { put(back: session) }
        return try await session.perform(body)
    }

    private func takeSession() async -> PostgresSession? {
        if let session = state.withLock({ $0.idle.popLast() }) { return session }
        let ticket = state.withLock { state in
            state.ticketLast += 1
            return state.ticketLast
        }
        // Leaving the scope cancels the timer and waits for its end.
        async let _: Void = giveUp(ticket, after: waitMax)
        return await wait(with: ticket)
    }

    private func wait(with ticket: UInt64) async -> PostgresSession? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Turn {
                    case served(PostgresSession?)
                    case waits
                }
                let turn: Turn = state.withLock { state in
                    if let session = state.idle.popLast() { return .served(session) }
                    if state.waiters.count >= waitersMax || Task.isCancelled { return .served(nil) }
                    state.waiters.append(Waiter(ticket: ticket, continuation: continuation))
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

    private func put(back session: PostgresSession) {
        let waiter: Waiter? = state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.idle.append(session)
                return nil
            }
            return state.waiters.removeFirst()
        }
        waiter?.continuation.resume(returning: session)
    }
}
