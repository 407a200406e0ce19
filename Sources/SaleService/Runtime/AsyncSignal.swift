import Synchronization

/// Wakes one waiter. A ring that nobody waits for is heard by the next who does.
final class AsyncSignal: Sendable {
    private struct Inner {
        var hasRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let inner = Mutex(Inner())
    private let runtime: Runtime

    init(runtime: Runtime) {
        self.runtime = runtime
    }

    func ring() {
        wake { $0.hasRung = true }
    }

    /// Forgets a ring that nobody has heard.
    func silence() {
        inner.withLock { $0.hasRung = false }
    }

    /// Returns when it rings, at the latest after `interval`, or when the task is cancelled.
    func wait(atMost interval: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.runtime.sleep(interval) }
            group.addTask { await self.sleepUntilRung() }
            await group.next()
            group.cancelAll()
        }
    }

    private func sleepUntilRung() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = inner.withLock { inner -> Bool in
                    if inner.hasRung || Task.isCancelled {
                        inner.hasRung = false
                        return true
                    }
                    inner.sleeper = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            wake { _ in }
        }
    }

    private func wake(_ change: (inout Inner) -> Void) {
        let sleeper = inner.withLock { inner -> CheckedContinuation<Void, Never>? in
            change(&inner)
            guard inner.sleeper != nil else { return nil }
            inner.hasRung = false
            return inner.sleeper.take()
        }
        sleeper?.resume()
    }
}
