import SaleCore
import Synchronization

/// What Postgres last said of all sales. One call at a time asks it, and one that hangs holds nobody up: whether Redis is still the one that was proven must be
/// noticed all the same.
final class LedgerReading: Sendable {
    private struct Inner {
        var isUnderWay = false
        var sales: [Sale]?
        var failure: JournalError?
    }

    private let ledger: any SaleLedger
    private let inner = Mutex(Inner())
    private let isDone: Doorbell

    init(ledger: any SaleLedger, runtime: Runtime) {
        self.ledger = ledger
        isDone = Doorbell(runtime: runtime)
    }

    /// As of the last answer, `nil` before the first; why there was none, if the last call failed.
    var newest: (sales: [Sale]?, failure: JournalError?) {
        inner.withLock { ($0.sales, $0.failure) }
    }

    /// `false` when a call is under way.
    func mayBegin() -> Bool {
        let mayBegin = inner.withLock { inner in
            defer { inner.isUnderWay = true }
            return !inner.isUnderWay
        }
        if mayBegin { isDone.silence() }
        return mayBegin
    }

    /// Asks once. To be called when `mayBegin` said so.
    func read() async {
        let result: Result<[Sale], JournalError>
        do throws(JournalError) {
            result = .success(try await ledger.sales())
        } catch {
            result = .failure(error)
        }
        inner.withLock { inner in
            inner.isUnderWay = false
            switch result {
            case .success(let sales): (inner.sales, inner.failure) = (sales, nil)
            case .failure(let error): inner.failure = error
            }
        }
        isDone.ring()
    }

    /// Returns when the call is done, at the latest after `patience`.
    func wait(atMost patience: Duration) async {
        guard inner.withLock({ $0.isUnderWay }) else { return }
        await isDone.wait(atMost: patience)
    }
}
