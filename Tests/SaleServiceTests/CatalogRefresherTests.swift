import SaleCore
import ServiceLifecycle
import Testing

@testable import SaleService
@testable import Simulation

/// One node as it is composed: what changes in the stores reaches its lanes.
@Suite struct CatalogRefresherTests {
    private let world: World

    init() {
        world = World(seed: 1, flaws: Flaws()) { _, _ in }
        world.openSale(of: [(TestBed.phone, 3)])
        world.startNode()
        pass(milliseconds: 3_000)
    }

    private func pass(milliseconds: UInt64) { _ = world.scheduler.run(until: world.scheduler.now + milliseconds * 1_000_000) }

    private var engine: SaleEngine { world.nodes[0].engine }

    private func buy(_ user: String) -> PurchaseOutcome? {
        let buyers = Buyers(of: world, skus: [TestBed.phone], userCount: 1)
        buyers.isQuiet = true
        let attempt = buyers.send(UserID(user)!, TestBed.phone, 1, nil, waitMilliseconds: 1_000)
        pass(milliseconds: 1_000)
        return attempt?.outcome
    }

    private func isCommitted(_ outcome: PurchaseOutcome?) -> Bool { if case .committed = outcome { true } else { false } }

    @Test func `a new sale is rebuilt, proven and sold`() {
        #expect(engine.catalog.snapshot?.unproven.isEmpty == true)
        #expect(isCommitted(buy("ann")))
        world.tearDown()
    }

    @Test func `a paused sale is refused within a look, and sold within one once it is resumed`() {
        _ = world.postgres.books.make([.setStatus(from: .open, to: .paused)], to: world.sale)
        pass(milliseconds: 1_000)
        #expect(buy("ann") == .refused(.paused))
        _ = world.postgres.books.make([.setStatus(from: .paused, to: .open)], to: world.sale)
        pass(milliseconds: 1_500)
        #expect(isCommitted(buy("ann")))
        world.tearDown()
    }

    @Test func `a Redis that is flushed is refused at once and proven again`() {
        world.flushRedis()
        #expect(buy("ann") == .refused(.recovering))
        pass(milliseconds: 4_000)
        #expect(isCommitted(buy("ann")))
        world.tearDown()
    }

    @Test func `scripts that are flushed are given again`() {
        world.flushScripts()
        #expect(buy("ann") == .refused(.recovering))
        pass(milliseconds: 1_000)
        #expect(isCommitted(buy("ann")))
        world.tearDown()
    }

    @Test func `the last unit is sold once, and the next buyer is refused from memory`() {
        #expect(["ann", "bob", "cid"].allSatisfy { isCommitted(buy($0)) })
        #expect(buy("dan") == .refused(.soldOut))
        pass(milliseconds: 1_000)
        #expect(engine.catalog.snapshot?.sales[world.sale]?.isSoldOut == true)
        world.tearDown()
    }

    @Test func `while Postgres is away, the sale goes on until the node is full`() {
        world.network.cut("node1", from: "postgres")
        pass(milliseconds: 1_000)
        guard case .reserved = buy("ann") else { return #expect(Bool(false)) }
        world.network.healAll()
        pass(milliseconds: 8_000)
        #expect(world.books.liveUnits(of: UserID("ann")!, TestBed.phone, in: world.sale) == 1)
        world.tearDown()
    }
}
