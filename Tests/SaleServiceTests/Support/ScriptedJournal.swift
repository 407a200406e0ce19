import SaleCore
import Synchronization

@testable import SaleService

/// A Postgres that fails as often as the test says, and then commits all.
final class ScriptedJournal: OrderJournal {
    private struct State {
        var failures: [JournalError]
        var batches: [[Reservation]] = []
    }
    private let state: Mutex<State>
    private let terms: OrderTerms

    init(failures: [JournalError] = [], terms: OrderTerms = LaneUnderTest.terms) {
        state = Mutex(State(failures: failures))
        self.terms = terms
    }

    /// What it was given, the failures' included.
    var batches: [[Reservation]] { state.withLock { $0.batches } }

    func commit(_ batch: [Reservation]) async throws(JournalError) -> CommitVerdicts {
        let failure = state.withLock { state -> JournalError? in
            state.batches.append(batch)
            return state.failures.isEmpty ? nil : state.failures.removeFirst()
        }
        if let failure { throw failure }
        return CommitVerdicts(all: batch, under: terms)
    }

    func abandon(_ batch: [Reservation]) async throws(JournalError) -> [CommitVerdict] { batch.map { _ in .rejected(.abandoned) } }
}
