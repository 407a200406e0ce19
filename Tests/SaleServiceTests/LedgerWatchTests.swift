import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

@Suite struct LedgerWatchTests {
    private let bed = TestBed()

    @Test func `nodes learn of a Postgres's successor from each other, through Redis`() throws {
        bed.postgres.failOver()
        _ = try bed.result { [ledger = bed.ledger] in await ledger.ping() }
        let seen = bed.ledger.all
        #expect(seen.map(\.number) == [2])
        let other = PostgresClient(process: bed.process, network: bed.network, postgres: bed.postgres)
        other.note(LedgerTimeline(cluster: 1, number: 1))
        let (mine, others) = (TimelineShare(memory: bed.ledger, store: bed.stock), TimelineShare(memory: other, store: bed.stock))
        try bed.result { try await mine.share() }
        try bed.result { try await others.share() }
        #expect(other.all == seen)
    }
}
