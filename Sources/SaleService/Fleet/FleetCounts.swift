import SaleCore
import Synchronization

/// What Postgres counts for those who watch. Each count is under way once at most, and beside the
/// frames: one that takes long, or has no answer, holds up none.
final class FleetCounts: Sendable {
    /// What Postgres said last.
    struct Counted<Value: Sendable>: Sendable {
        var value: Value
        var askedAt: MonotonicInstant

        func ageMilliseconds(at now: MonotonicInstant) -> Int64 { Int64(askedAt.duration(to: now) / 1_000_000) }
    }

    /// `nil` until there was an answer.
    struct Known: Sendable {
        var units: Counted<[ItemName: ItemUnits]>?
        var ended: Counted<[ItemName: EndedUnits]>?
    }

    private struct Count<Value: Sendable> {
        var last: Counted<Value>?
        var isUnderWay = false
        var restsUntil = MonotonicInstant.earliest

        mutating func begin(at now: MonotonicInstant) -> Bool {
            guard !isUnderWay, now >= restsUntil else { return false }
            isUnderWay = true
            return true
        }

        /// - Parameter rest: before it is asked for again, of what the answer took.
        mutating func end(_ found: Value?, askedAt: MonotonicInstant, at now: MonotonicInstant, rest: UInt64) {
            isUnderWay = false
            restsUntil = now.advanced(by: askedAt.duration(to: now) * rest)
            if let found { last = Counted(value: found, askedAt: askedAt) }
        }
    }

    private struct State {
        var units = Count<[ItemName: ItemUnits]>()
        var ended = Count<[ItemName: EndedUnits]>()
    }

    private let ledger: any ItemCounting
    private let runtime: Runtime
    private let state = Mutex(State())
    private let hasEnded: AsyncSignal

    init(ledger: any ItemCounting, runtime: Runtime) {
        self.ledger = ledger
        self.runtime = runtime
        hasEnded = AsyncSignal(runtime: runtime)
    }

    /// Asks for what nobody asks for already, and returns what is known when that was answered,
    /// after a moment at the latest.
    ///
    /// - Parameter start: starts a task that may outlast the call.
    func known(
        of items: [ItemName], in sales: [SaleID], start: (@escaping @Sendable () async -> Void) -> Void
    ) async -> Known {
        if !items.isEmpty { await ask(of: items, in: sales, start: start) }
        return state.withLock { Known(units: $0.units.last, ended: $0.ended.last) }
    }

    private func ask(of items: [ItemName], in sales: [SaleID], start: (@escaping @Sendable () async -> Void) -> Void) async {
        let askedAt = runtime.now()
        hasEnded.silence()
        let asks = state.withLock { (units: $0.units.begin(at: askedAt), ended: $0.ended.begin(at: askedAt)) }
        if asks.units {
            start { [self] in
                let found = try? await ledger.units(of: items)
                end { $0.units.end(found, askedAt: askedAt, at: $1, rest: 0) }
            }
        }
        if asks.ended {
            start { [self] in
                let found = try? await ledger.endedUnits(of: sales)
                end { $0.ended.end(found, askedAt: askedAt, at: $1, rest: Limits.livePaidCountRest) }
            }
        }
        let patienceEnds = askedAt.advanced(by: Limits.liveCountPatience.nanoseconds)
        while !Task.isCancelled, state.withLock({ asks.units && $0.units.isUnderWay || asks.ended && $0.ended.isUnderWay }) {
            let now = runtime.now()
            guard now < patienceEnds else { return }
            await hasEnded.wait(atMost: .nanoseconds(Int64(now.duration(to: patienceEnds))))
        }
    }

    private func end(_ change: (inout State, MonotonicInstant) -> Void) {
        let now = runtime.now()
        state.withLock { change(&$0, now) }
        hasEnded.ring()
    }
}
