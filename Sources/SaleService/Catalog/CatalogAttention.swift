import Synchronization

/// How the lanes tell the refresher that Redis contradicts the catalog, so that it looks now rather than at its next turn.
package final class CatalogAttention: Sendable {
    private struct Inner {
        var isWanted = false
        var isScriptMissing = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let inner = Mutex(Inner())
    private let runtime: Runtime

    package init(runtime: Runtime) {
        self.runtime = runtime
    }

    package func look() {
        wake { $0.isWanted = true }
    }

    package func scriptMissing() {
        inner.withLock { $0.isScriptMissing = true }
    }

    /// Whether a lane missed the script since the last call.
    func takeScriptMissing() -> Bool {
        inner.withLock { inner in
            defer { inner.isScriptMissing = false }
            return inner.isScriptMissing
        }
    }

    /// Returns when a look is wanted, at the latest after `interval`, or when the task is cancelled.
    func wait(atMost interval: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.runtime.sleep(interval) }
            group.addTask { await self.sleepUntilWanted() }
            await group.next()
            group.cancelAll()
        }
    }

    private func sleepUntilWanted() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = inner.withLock { inner -> Bool in
                    if inner.isWanted || Task.isCancelled {
                        inner.isWanted = false
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
            inner.isWanted = false
            return inner.sleeper.take()
        }
        sleeper?.resume()
    }
}
