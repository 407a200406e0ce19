import Synchronization
import Testing

/// Notices what fails while something runs, also when that goes on. Within a test, Swift Testing
/// shows an issue to nobody but to whoever judges whether it is a known one: this judge knows none.
final class FailureWatch: Sendable {
    private let hasFailed = Atomic(false)

    var hasSeenFailure: Bool { hasFailed.load(ordering: .relaxed) }

    func during<Value>(_ body: () async throws -> Value) async throws -> Value {
        var outcome: Result<Value, any Error>?
        await withKnownIssue(isIntermittent: true) {
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        } matching: { issue in
            if issue.isFailure { self.hasFailed.store(true, ordering: .relaxed) }
            return false
        }
        // `body` has ended.
        return try outcome!.get()
    }
}
