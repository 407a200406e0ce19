import SaleCore
import Synchronization

/// What Postgres last said of all sales. One call at a time asks it, and one that hangs holds nobody up: whether Redis is still the one that was proven must be
/// noticed all the same.
final class LedgerReading: Sendable {
    private struct Inner {
        /// When the call that is under way began.
        var beganAt: UInt64?
        /// Somebody went on without waiting for it.
        var isLate = false
        var sales: [Sale]?
        var failure: JournalError?
    }

    private let ledger: any SaleLedger
    private let inner = Mutex(Inner())
    private let isDone: Doorbell
    private let runtime: Runtime

    /// A call that takes longer counts as failed while it lasts.
    private static let patience = Duration.seconds(2)

    init(ledger: any SaleLedger, runtime: Runtime) {
        self.ledger = ledger
        self.runtime = runtime
        isDone = Doorbell(runtime: runtime)
    }

    /// As of the last answer, `nil` before the first; why there was none, if the last call failed.
    var newest: (sales: [Sale]?, failure: JournalError?) {
        let now = runtime.now()
        return inner.withLock { inner in
            let isHanging = inner.beganAt.map { now > $0 + Self.patience.nanoseconds } ?? false
            return (inner.sales, isHanging ? .unavailable(reason: "no answer for \(Self.patience)") : inner.failure)
        }
    }

    /// `false` when a call is under way.
    func mayBegin() -> Bool {
        let now = runtime.now()
        let mayBegin = inner.withLock { inner in
            guard inner.beganAt == nil else { return false }
            (inner.beganAt, inner.isLate) = (now, false)
            return true
        }
        if mayBegin { isDone.silence() }
        return mayBegin
    }

    /// Asks once. To be called when `mayBegin` said so.
    ///
    /// - Returns: whether somebody went on without the answer, so that a new look is worth while.
    func read() async -> Bool {
        let result: Result<[Sale], JournalError>
        do throws(JournalError) {
            result = .success(try await ledger.sales())
        } catch {
            result = .failure(error)
        }
        let isLate = inner.withLock { inner in
            inner.beganAt = nil
            switch result {
            case .success(let sales): (inner.sales, inner.failure) = (sales, nil)
            case .failure(let error): inner.failure = error
            }
            return inner.isLate
        }
        isDone.ring()
        return isLate
    }

    /// Returns when the call is done, at the latest after `patience`.
    func wait(atMost patience: Duration) async {
        guard inner.withLock({ $0.beganAt != nil }) else { return }
        await isDone.wait(atMost: patience)
        inner.withLock { if $0.beganAt != nil { $0.isLate = true } }
    }
}
