import Foundation

/// Asks every 20 ms until `condition` holds.
///
/// - Returns: whether it came to hold in time.
@discardableResult
package func eventually(within patience: Duration, every pause: Duration = .milliseconds(20), _ condition: () async throws -> Bool) async throws
    -> Bool
{
    let deadline = ContinuousClock.now + patience
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: pause)
    }
}

/// Runs work that blocks where it may: a thread of the cooperative pool must not.
package func offload<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        // A thread each: a shared queue lets few of them block at once.
        let thread = Thread { continuation.resume(with: Result { try work() }) }
        thread.start()
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
