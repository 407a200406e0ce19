import SaleCore
import SaleService
import Testing

@testable import Simulation

/// A node that brings its order to Postgres after another node has rebuilt Redis without it.
@Suite struct LateCommitTests {
    @Test func anOrderOfAnEpochThatIsOverIsChargedToThePresentOne() {
        for seed in 1...20 as ClosedRange<UInt64> { #expect(Self.comesToRest(seed: seed, Flaws()), "seed \(seed)") }
    }

    /// The random worlds of `make simulate` come across this too seldom.
    @Test func itIsMissedIfItIsNot() {
        #expect((1...20).contains { !Self.comesToRest(seed: $0, Flaws(postgres: [.chargesNothing])) })
    }

    /// - Returns: whether Redis and Postgres agree in the end.
    private static func comesToRest(seed: UInt64, _ flaws: Flaws) -> Bool {
        let world = World(seed: seed, flaws: flaws) { _, _ in }
        defer { world.tearDown() }
        let phone = SKU("phone")!
        world.openSale(of: [(phone, 5)])
        world.startNode()
        let buyers = Buyers(of: world, skus: [phone], userCount: 1)
        buyers.isQuiet = true
        run(world, seconds: 3)

        let node = world.nodes[0].process.name
        world.network.cut(node, from: world.postgres.name)
        let attempt = buyers.send(UserID("ann")!, phone, 1, nil, waitMilliseconds: 500)
        run(world, seconds: 1)
        world.startNode()
        world.flushRedis()
        run(world, seconds: 5)
        world.network.heal(node, with: world.postgres.name)
        run(world, seconds: 8)

        guard case .reserved? = attempt?.outcome else { return true }
        #expect(world.books.liveUnits(of: UserID("ann")!, phone, in: world.sale) == 1, "seed \(seed)")
        return Rest(of: world).unrest == nil
    }

    private static func run(_ world: World, seconds: UInt64) {
        _ = world.scheduler.run(until: world.scheduler.now + seconds * 1_000_000_000)
    }
}
