import HTTPFront
import Logging
import SaleService
import ServiceLifecycle
import UnixSignals

/// How the service stops. At the first signal it says so and goes on serving for a moment, so that whoever balances the load looks elsewhere before a port
/// closes; then the ports close, requests under way end, and the queue is committed. A second signal, or the deadline, ends it as it is.
struct Drain: Sendable {
    let signals: [UnixSignal]
    let delay: Duration
    let deadline: Duration
    let state: DrainState
    let lanes: LaneSet
    let logger: Logger

    /// Returns when the task is cancelled, or throws when the service must end at once.
    ///
    /// - Parameter onCutShort: told when it does, before anything is torn down.
    func watch(over services: ServiceGroup, onBegin: @escaping @Sendable () -> Void, onCutShort: @escaping @Sendable () -> Void) async throws {
        guard !signals.isEmpty else { return }
        var arriving = await UnixSignalsSequence(trapping: signals).makeAsyncIterator()
        guard await arriving.next() != nil else { return }
        logger.notice("stopping: requests are still served", metadata: ["drain_delay": "\(delay)"])
        onBegin()
        state.announce()
        let impatient = await UnixSignalsSequence(trapping: signals)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await Task.sleep(for: delay)
                lanes.beginDraining()
                await services.triggerGracefulShutdown()
                try await Task.sleep(for: deadline)
                throw CutShort()
            }
            tasks.addTask {
                for await _ in impatient { throw CutShort() }
            }
            do {
                for try await _ in tasks {}
            } catch is CutShort {
                onCutShort()
                throw CutShort()
            }
        }
    }

    struct CutShort: Error {}
}
