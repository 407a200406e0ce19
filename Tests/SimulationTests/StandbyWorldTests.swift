import SaleCore
import SaleService
import Testing

@testable import Simulation

/// The synchronous standby is away, the primary is restarted meanwhile, and then lost.
@Suite struct StandbyWorldTests {
    @Test func whatWasCalledConfirmedIsThereAfterTheFailover() {
        let worlds = (1...40).map { Self.failOver(seed: $0, Flaws()) }
        #expect(worlds.flatMap(\.violations).isEmpty)
        // Often enough the order was on the primary alone.
        #expect(worlds.count(where: \.hadUnconfirmedOrder) > 20)
    }

    @Test func itIsMissedIfItIsNot() {
        #expect((1...40).contains { !Self.failOver(seed: $0, Flaws(postgres: [.tellsUnconfirmed])).violations.isEmpty })
    }

    private struct Outcome {
        var violations: [String]
        var hadUnconfirmedOrder: Bool
    }

    private static func failOver(seed: UInt64, _ flaws: Flaws) -> Outcome {
        let world = World(seed: seed, flaws: flaws) { _, _ in }
        defer { world.tearDown() }
        let phone = SKU("phone")!
        world.openSale(of: [(phone, 5)])
        world.startNode()
        world.startNode()
        let buyers = Buyers(of: world, skus: [phone], userCount: 2)
        buyers.isQuiet = true
        run(world, milliseconds: 3_000)
        let (ann, key) = (UserID("ann")!, IdempotencyKey("k")!)

        world.postgres.loseStandby()
        buyers.send(ann, phone, 1, key, waitMilliseconds: 500)
        run(world, milliseconds: 1_000)
        world.stopPostgres(for: 200_000_000)
        for _ in 0..<8 {
            run(world, milliseconds: 700)
            buyers.send(ann, phone, 1, key, waitMilliseconds: 600)
        }
        let hadUnconfirmedOrder = !world.books.orders.isEmpty && world.postgres.confirmedBooks.orders.isEmpty
        world.failOverPostgres()
        run(world, milliseconds: 12_000)
        let again = buyers.send(ann, phone, 1, key, waitMilliseconds: 3_000)
        run(world, milliseconds: 5_000)

        if case .committed? = again?.outcome {} else { world.auditor.find("I3", "ann hears \(again?.outcome?.short ?? "nothing")") }
        if let unrest = Rest(of: world).unrest { world.auditor.find("I10", unrest) }
        world.auditor.close(world.books)
        return Outcome(violations: world.auditor.violations.map { "seed \(seed): \($0)" }, hadUnconfirmedOrder: hadUnconfirmedOrder)
    }

    private static func run(_ world: World, milliseconds: UInt64) {
        _ = world.scheduler.run(until: world.scheduler.now + milliseconds * 1_000_000)
    }
}
