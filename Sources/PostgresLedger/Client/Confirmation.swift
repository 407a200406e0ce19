package import SaleService
import Synchronization

/// Waits until what was read stands where `synchronous_standby_names` wants it.
///
/// A COMMIT waits for the standby by itself, a read does not: after a restart of the primary it
/// sees rows whose own COMMIT was still waiting. So nobody hears of them before a COMMIT of ours
/// that came later has been through. One such COMMIT at a time answers for all who asked before it
/// began: while the standby is away, one session of this process waits, and not one per request.
package final class Confirmation: Sendable {
    private struct Waiter {
        var ticket: UInt64
        var sight: LedgerTimeline
        var continuation: CheckedContinuation<Result<Void, JournalError>, Never>
    }
    private struct State {
        /// Asked since the present round began: the next one answers them.
        var waiting: [Waiter] = []
        var inRound: [Waiter] = []
        var isRunning = false
        var ticketLast: UInt64 = 0
    }

    private let session: PostgresSession
    private let state = Mutex(State())

    package init(address: PostgresAddress) {
        session = PostgresSession(address: address, profile: .confirmation)
    }

    /// Returns when what was seen there is confirmed; at once when there is nothing to be
    /// confirmed.
    ///
    /// - Throws: `unavailable` when it is not in time, or the server has a successor meanwhile:
    ///   nothing may be said of what was read.
    package func confirm(_ sight: LedgerTimeline?, waitMax: Duration) async throws(JournalError) {
        guard let sight else { return }
        let ticket = state.withLock { state in
            state.ticketLast += 1
            return state.ticketLast
        }
        // Leaving the scope cancels the timer and waits for its end.
        async let _: Void = giveUp(ticket, after: waitMax)
        try await wait(for: sight, with: ticket).get()
    }

    private func wait(for sight: LedgerTimeline, with ticket: UInt64) async -> Result<Void, JournalError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustStart = state.withLock { state -> Bool? in
                    if Task.isCancelled { return nil }
                    state.waiting.append(Waiter(ticket: ticket, sight: sight, continuation: continuation))
                    defer { state.isRunning = true }
                    return !state.isRunning
                }
                switch mustStart {
                case nil: continuation.resume(returning: .failure(Self.late))
                case true?: session.enqueue { self.runRounds(on: $0) }
                case false?: break
                }
            }
        } onCancel: {
            refuse(ticket)
        }
    }

    private static let late = JournalError.unavailable(reason: "no synchronous standby has confirmed it in time")

    private func giveUp(_ ticket: UInt64, after waitMax: Duration) async {
        guard (try? await Task.sleep(for: waitMax)) != nil else { return }
        refuse(ticket)
    }

    /// Ends the waiting of `ticket`; nothing when it has its answer, or has not begun.
    private func refuse(_ ticket: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) { return state.waiting.remove(at: index) }
            return state.inRound.firstIndex { $0.ticket == ticket }.map { state.inRound.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: .failure(Self.late))
    }

    /// Until nobody waits any more.
    private func runRounds(on session: isolated PostgresSession) {
        while beginRound() {
            let reached: Result<LedgerTimeline, JournalError>
            do throws(JournalError) {
                reached = .success(try session.awaitStandby())
            } catch {
                reached = .failure(error)
            }
            for waiter in endRound() { waiter.continuation.resume(returning: reached.flatMap { Self.answer(waiter.sight, from: $0) }) }
        }
    }

    private func beginRound() -> Bool {
        state.withLock { state in
            state.isRunning = !state.waiting.isEmpty
            (state.inRound, state.waiting) = (state.waiting, [])
            return state.isRunning
        }
    }

    private func endRound() -> [Waiter] {
        state.withLock { state in
            defer { state.inRound = [] }
            return state.inRound
        }
    }

    /// A successor confirms only what it has.
    private static func answer(_ sight: LedgerTimeline, from server: LedgerTimeline) -> Result<Void, JournalError> {
        sight == server ? .success(()) : .failure(.unavailable(reason: "Postgres failed over meanwhile"))
    }
}
