import SaleCore
import SaleService
import Testing

@testable import Simulation

/// A sale that is over has no turn in the looks at Redis, and is missed all the same.
@Suite struct EndedSaleTests {
    @Test func itComesBackAfterAFlush() {
        let world = World(seed: 1, flaws: Flaws()) { _, _ in }
        defer { world.tearDown() }
        let phone = SKU("phone")!
        world.openSale(of: [(phone, 5)], forMilliseconds: 4_000)
        world.startNode()
        let buyers = Buyers(of: world, skus: [phone], userCount: 1)
        buyers.isQuiet = true
        run(world, seconds: 3)
        _ = buyers.send(UserID("ann")!, phone, 1, nil, waitMilliseconds: 500)
        run(world, seconds: 5)
        #expect(world.books.liveUnits(of: UserID("ann")!, phone, in: world.sale) == 1)
        #expect(Rest(of: world).unrest == nil)

        world.flushRedis()
        #expect(Rest(of: world).unrest != nil)
        run(world, seconds: 10)
        #expect(Rest(of: world).unrest == nil)
    }

    private func run(_ world: World, seconds: UInt64) {
        _ = world.scheduler.run(until: world.scheduler.now + seconds * 1_000_000_000)
    }
}
