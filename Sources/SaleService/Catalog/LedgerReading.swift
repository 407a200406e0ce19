import SaleCore
import Synchronization

/// What Postgres says of the sales, as far as it is new. One call at a time asks it, and one that
/// hangs holds nobody up: whether Redis is still the one that was proven must be noticed all the
/// same.
final class LedgerReading: Sendable {
    private struct Inner {
        /// When the call that is under way began.
        var beganAt: MonotonicInstant?
        /// Somebody went on without waiting for it.
        var isLate = false
        /// Up to where Postgres was read; `nil` before the first answer.
        var position: Int64?
        var wholeReadingAt = MonotonicInstant.earliest
        /// What was read and not yet taken, in the order of the readings.
        var untaken: [SaleNews] = []
        var failure: JournalError?
    }

    private let ledger: any SaleLedger
    private let inner = Mutex(Inner())
    private let isDone: AsyncSignal
    private let runtime: Runtime

    /// A call that takes longer counts as failed while it lasts.
    private static let patience = Duration.seconds(2)

    init(ledger: any SaleLedger, runtime: Runtime) {
        self.ledger = ledger
        self.runtime = runtime
        isDone = AsyncSignal(runtime: runtime)
    }

    /// What was read since the last call; why the last reading failed, if it did. `isRead` is
    /// `false` until the first answer.
    func take() -> (news: [SaleNews], isRead: Bool, failure: JournalError?) {
        let now = runtime.now()
        return inner.withLock { inner in
            let isHanging = inner.beganAt.map { $0.duration(to: now) > Self.patience.nanoseconds } ?? false
            defer { inner.untaken = [] }
            return (
                inner.untaken, inner.position != nil, isHanging ? .unavailable(reason: "no answer for \(Self.patience)") : inner.failure
            )
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
    /// - Parameter sales: which are read whether or not they have changed.
    /// - Returns: whether somebody went on without the answer, so that a new look is worth while.
    func read(and sales: [SaleID]) async -> Bool {
        let now = runtime.now()
        let (position, isWholeDue) = inner.withLock { ($0.position, now >= $0.wholeReadingAt) }
        let result: Result<SaleNews, JournalError>
        do throws(JournalError) {
            result = .success(try await ledger.news(since: isWholeDue ? nil : position, and: sales))
        } catch {
            result = .failure(error)
        }
        let isLate = inner.withLock { inner in
            inner.beganAt = nil
            switch result {
            case .success(let news):
                (inner.position, inner.failure) = (news.position, nil)
                if news.isWhole { inner.wholeReadingAt = now.advanced(by: Limits.wholeReadingInterval.nanoseconds) }
                if news.isWhole || !news.sales.isEmpty { inner.untaken.append(news) }
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
