import HTTPFront
import Logging
import SaleService
import ServiceLifecycle
import UnixSignals

/// How the service stops. At the first signal it says so and goes on serving for a moment, so that
/// whoever balances the load looks elsewhere before a port closes; then the ports close, requests
/// under way end, and the queue is committed. A second signal, or the deadline, ends it as it is.
struct Drain: Sendable {
    let signals: [UnixSignal]
    let hangup: Hangup
    let delay: Duration
    let deadline: Duration
    let state: DrainState
    let lanes: LaneSet
    /// What an operator says elsewhere, to the same effect as the first signal.
    let wish: DrainWish
    let logger: Logger

    /// Returns when the task is cancelled, or throws when the service must end at once.
    ///
    /// - Parameter onCutShort: told when it does, before anything is torn down.
    func watch(over services: ServiceGroup, onBegin: @escaping @Sendable () -> Void, onCutShort: @escaping @Sendable () -> Void) async throws {
        guard !signals.isEmpty else { return }
        let trapped = hangup == .isIgnoredByItsStarter ? signals : signals + [.sighup]
        guard await firstStop(among: trapped) else { return }
        logger.notice("stopping: requests are still served", metadata: [LogKey.drainDelay: "\(delay)"])
        onBegin()
        state.announce()
        // A terminal that goes may send SIGHUP several times: that is no impatience, and must not
        // end the process either.
        let impatient = await UnixSignalsSequence(trapping: trapped)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await Task.sleep(for: delay)
                lanes.beginDraining()
                await services.triggerGracefulShutdown()
                try await Task.sleep(for: deadline)
                throw CutShort()
            }
            tasks.addTask {
                for await signal in impatient where signals.contains(signal) { throw CutShort() }
            }
            do {
                for try await _ in tasks {}
            } catch is CutShort {
                onCutShort()
                throw CutShort()
            }
        }
    }

    /// Waits for whatever stops the service first; `false` when the task is cancelled before.
    private func firstStop(among trapped: [UnixSignal]) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await firstSignal(among: trapped) }
            group.addTask {
                for await _ in wish.wishes { return true }
                return false
            }
            let isStopping = await group.next() ?? false
            group.cancelAll()
            return isStopping
        }
    }

    private func firstSignal(among trapped: [UnixSignal]) async -> Bool {
        for await signal in await UnixSignalsSequence(trapping: trapped) {
            if signals.contains(signal) || hangup == .drains { return true }
            logger.notice("SIGHUP is ignored: nothing is reloaded at it")
        }
        return false
    }

    struct CutShort: Error {}
}
