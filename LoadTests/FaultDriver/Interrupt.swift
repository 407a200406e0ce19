import Dispatch
import Foundation

/// Thrown by `work` when somebody presses Ctrl-C.
struct Interrupted: Error {}

/// Runs `work`, and cancels it at the first SIGINT or SIGTERM, so that it stops what it started and removes what it made; the second one ends the process.
func untilInterrupted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            // The first one is received; when it has been, the stream is at its end.
            if case .terminated = continuation.yield() { exit(130) }
        }
        source.resume()
        return source
    }
    defer { sources.forEach { $0.cancel() } }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            for await _ in signals {
                continuation.finish()
                return nil
            }
            return nil
        }
        let first = try await group.next() ?? nil
        group.cancelAll()
        guard let first else {
            _ = try? await group.next()
            throw Interrupted()
        }
        return first
    }
}
