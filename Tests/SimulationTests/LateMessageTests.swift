import SaleCore
import SaleService
import Testing

@testable import Simulation

/// A script call that arrives long after its node gave it up, and after its repetition was refused.
@Suite struct LateMessageTests {
    @Test func whoHeardSoldOutHoldsNothingAlthoughTheFirstCallIsGrantedLater() {
        let lateGrants = (1...80).map { Self.lateGrants(seed: $0) }
        // The message comes at a random instant: often enough after the unit is back.
        #expect(lateGrants.reduce(0, +) > 5)
    }

    /// - Returns: how many orders were granted to a buyer who had heard that everything was sold.
    private static func lateGrants(seed: UInt64) -> Int {
        let world = World(seed: seed, flaws: Flaws()) { _, _ in }
        defer { world.tearDown() }
        let phone = SKU("phone")!
        world.openSale(of: [(phone, 1)])
        world.startNode()
        let buyers = Buyers(of: world, skus: [phone], userCount: 2)
        buyers.isQuiet = true
        let (ann, bob) = (UserID("ann")!, UserID("bob")!)
        run(world, seconds: 3)

        world.network.weather.late = 1_000
        let late = buyers.send(bob, phone, 1, nil, waitMilliseconds: 8_000)
        run(world, milliseconds: 2)
        world.network.weather = .fair
        let first = buyers.send(ann, phone, 1, nil, waitMilliseconds: 8_000)
        _ = world.scheduler.run(until: world.scheduler.now + 10_000_000_000) { late?.outcome != nil && first?.outcome != nil }
        // On the same event loop, ann waits behind bob's call, and the unit is bob's.
        guard let order = first?.order else { return 0 }
        #expect(late?.outcome == .refused(.soldOut), "seed \(seed)")
        let actions = world.nodes[0].engine.actions
        world.nodes[0].process.spawn { _ = try? await actions.cancel(order.id, by: ann) }
        run(world, seconds: 15)

        #expect(world.books.liveUnits(of: bob, phone, in: world.sale) == 0, "seed \(seed)")
        #expect(Rest(of: world).unrest == nil, "seed \(seed)")
        world.auditor.close(world.books)
        #expect(world.auditor.violations.isEmpty, "seed \(seed): \(world.auditor.violations)")
        return world.books.orders.values.count { $0.order.user == bob && $0.rejection == .abandoned && world.auditor.isGranted($0.order.id) }
    }

    private static func run(_ world: World, seconds: UInt64 = 0, milliseconds: UInt64 = 0) {
        _ = world.scheduler.run(until: world.scheduler.now + seconds * 1_000_000_000 + milliseconds * 1_000_000)
    }
}
