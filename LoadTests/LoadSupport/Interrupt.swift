import Dispatch
import Glibc

/// Runs `work`, and cancels it at SIGINT or SIGTERM; it then stops what it started, and a
/// `CancellationError` is thrown. At the second signal the process ends, and the kernel ends its
/// servers.
package func untilInterrupted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = Task { try await work() }
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            if task.isCancelled { exit(130) }
            task.cancel()
        }
        source.resume()
        return source
    }
    defer { sources.forEach { $0.cancel() } }
    do {
        let value = try await task.value
        // Work that takes a cancellation for an ordinary failure ends as if nothing had been.
        if task.isCancelled { throw CancellationError() }
        return value
    } catch {
        // Whatever the interrupt made fail first.
        throw task.isCancelled ? CancellationError() : error
    }
}
