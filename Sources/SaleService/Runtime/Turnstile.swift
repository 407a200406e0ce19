import DequeModule
import Synchronization

/// Lets a bounded number of tasks do something at once; the others wait in the order in which they
/// came.
package final class Turnstile: Sendable {
    private struct Inner {
        var free: Int
        var waiting = Deque<CheckedContinuation<Void, Never>>()
    }

    private let inner: Mutex<Inner>

    package init(places: Int) {
        inner = Mutex(Inner(free: places))
    }

    /// Runs `body` as soon as there is a place for it.
    package func pass<Value: Sendable, Failure>(_ body: @Sendable () async throws(Failure) -> Value) async throws(Failure) -> Value {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = inner.withLock { inner -> Bool in
                guard inner.free > 0 else {
                    inner.waiting.append(continuation)
                    return false
                }
                inner.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = inner.withLock { inner -> CheckedContinuation<Void, Never>? in
            guard let next = inner.waiting.popFirst() else {
                inner.free += 1
                return nil
            }
            return next
        }
        next?.resume()
    }
}
