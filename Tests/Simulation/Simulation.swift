import SaleCore
import SaleService

/// Runs one world from its seed: some seconds of buyers and faults, then everything heals, comes to
/// rest and sells out, and the auditor closes the books.
package struct Simulation {
    package struct Report: Sendable {
        package let seed: UInt64
        /// Empty when every promise was kept.
        package let violations: [String]
        /// The same for the same seed, as long as the code is the same.
        package let fingerprint: UInt64
        package let purchases: Int
        package let confirmed: Int
        package let faults: Int
        package let steps: Int
        /// From the moment when nothing old could arrive any more until everything was at rest;
        /// `nil` when it never was. Virtual time.
        package let restMilliseconds: UInt64?
    }

    private let seed: UInt64
    private let flaws: Flaws

    package init(seed: UInt64, flaws: Flaws = Flaws()) {
        self.seed = seed
        self.flaws = flaws
    }

    /// - Parameter trace: told every event of the world, with the instant in virtual nanoseconds.
    package func run(trace: @escaping (UInt64, String) -> Void = { _, _ in }) -> Report {
        var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
        let world = World(seed: seed, flaws: flaws) { instant, event in
            for byte in event.utf8 { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x100_0000_01B3 }
            fingerprint = (fingerprint ^ instant) &* 0x100_0000_01B3
            trace(instant, event)
        }
        defer { world.tearDown() }
        let scheduler = world.scheduler
        world.openSale()
        for _ in 0..<Int.random(in: 1...3, using: &scheduler.random) { world.startNode() }
        let buyers = Buyers(of: world, skus: world.skus, userCount: Int.random(in: 3...25, using: &scheduler.random))
        let start = scheduler.now
        for _ in 0..<Int.random(in: 10...70, using: &scheduler.random) { buyers.buy(at: start + scheduler.random.span(200...Self.busyMilliseconds)) }
        let faultCount = Int.random(in: 0...8, using: &scheduler.random)
        for _ in 0..<faultCount {
            let fault = scheduler.random.pick(Fault.allCases)
            scheduler.at(start + scheduler.random.span(50...Self.busyMilliseconds)) { [weak world] in world.map { fault.strike($0) } }
        }
        _ = scheduler.run(until: start + (Self.busyMilliseconds + 500) * 1_000_000)

        world.heal()
        buyers.isQuiet = true
        // What was under way when everything broke may still arrive.
        _ = scheduler.run(until: scheduler.now + 6_000_000_000)
        let rest = Rest(of: world).wait()
        // Units that came back are on sale at every node within a second.
        _ = scheduler.run(until: scheduler.now + 1_000_000_000)
        if rest != nil { world.auditor.closeAdmissions(of: world.nodes) }
        if rest != nil { SellOut(of: world, by: buyers).run() }
        world.auditor.close(world.books)
        return Report(
            seed: seed, violations: world.auditor.violations.map(\.description), fingerprint: fingerprint, purchases: world.auditor.attempts.count,
            confirmed: world.auditor.attempts.count { if case .committed = $0.outcome { true } else { false } }, faults: faultCount,
            steps: scheduler.stepCount, restMilliseconds: rest.map { $0 / 1_000_000 })
    }

    private static let busyMilliseconds: UInt64 = 5_000
}

extension World {
    var skus: [SKU] { books.sales[sale]?.items.map(\.sku) ?? [] }

    private func some(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &scheduler.random) }

    /// The sale as an operator made it before anybody came.
    func openSale() {
        let now = WorldClock.epoch + scheduler.milliseconds
        let closesAt = scheduler.random.happens(100) ? now + some(2_000...5_000) : now + 3_600_000
        var changes: [SaleChange] = [
            .create(
                title: "Flash", opensAt: Timestamp(milliseconds: now + some(-1_000...1_500)), closesAt: Timestamp(milliseconds: closesAt),
                payWithinMilliseconds: some(800...6_000))
        ]
        for name in ["phone", "watch"].prefix(Int(some(1...2))) {
            changes.append(
                .addItem(
                    SKU(name)!, title: name, unitPrice: some(1...1_000), currency: Currency("EUR")!, stock: some(0...14),
                    limitPerUser: Int(some(1...3))))
        }
        make(changes)
        for number in 0..<some(0...4) {
            let quiet = SaleID("quiet-\(number)")!
            make(
                [
                    .create(
                        title: "", opensAt: Timestamp(milliseconds: now), closesAt: Timestamp(milliseconds: now + 3_600_000),
                        payWithinMilliseconds: 600_000),
                    .addItem(SKU("mug")!, title: "", unitPrice: 1, currency: Currency("EUR")!, stock: some(1...9), limitPerUser: 1),
                ], to: quiet)
            quietSales.append(quiet)
        }
    }

    /// A sale that is open from now on, of items with so many units.
    func openSale(of stock: [(sku: SKU, units: Int64)], forMilliseconds duration: Int64 = 3_600_000) {
        let now = WorldClock.epoch + scheduler.milliseconds
        make(
            [
                .create(
                    title: "Flash", opensAt: .init(milliseconds: now), closesAt: .init(milliseconds: now + duration), payWithinMilliseconds: 600_000)
            ]
                + stock.map {
                    .addItem($0.sku, title: "", unitPrice: 1, currency: Currency("EUR")!, stock: $0.units, limitPerUser: 1)
                })
    }

    private func make(_ changes: [SaleChange], to id: SaleID? = nil) {
        if let refusal = postgres.books.make(changes, to: id ?? sale) { preconditionFailure("the sale cannot be made: \(refusal)") }
        redis.start()
        postgres.start()
    }
}

/// Waits until nothing is under way any more.
struct Rest {
    private let world: World

    init(of world: World) { self.world = world }

    /// The time it took; `nil`, and a violation, when it took too long.
    func wait() -> UInt64? {
        let start = world.scheduler.now
        while let unrest {
            guard world.scheduler.now < start + Self.patience else {
                world.auditor.find("I10", "not at rest: \(unrest)")
                return nil
            }
            _ = world.scheduler.run(until: world.scheduler.now + 200_000_000)
        }
        return world.scheduler.now - start
    }

    private static let patience: UInt64 = 60_000_000_000

    /// What is still under way; `nil` when nothing is.
    var unrest: String? {
        let (books, redis) = (world.books, world.redis)
        if let attempt = world.auditor.attempts.first(where: { $0.outcome == nil && !$0.node.isDead }) {
            return "attempt \(attempt.number) has no answer"
        }
        for quiet in world.quietSales {
            guard let sale = books.sales[quiet], let reading = redis.sales[quiet]?.reading else { return "\(quiet) is not in Redis" }
            if !reading.isProven || reading.epoch != sale.epoch || sale.provenRun != redis.run { return "\(quiet) is not proven" }
            if reading.items.values.contains(where: { $0.available != $0.loaded }) { return "\(quiet) has lost units" }
        }
        guard let sale = books.sales[world.sale] else { return "no sale" }
        guard let held = redis.sales[world.sale], let reading = held.reading, reading.isProven else { return "the sale is not in Redis" }
        if reading.epoch != sale.epoch || sale.provenRun != redis.run { return "the sale is not proven" }
        if !held.log.isEmpty { return "\(held.log.count) reservations in the log" }
        if !books.movesOfSale(world.sale).isEmpty { return "\(books.movesOfSale(world.sale).count) stock moves" }
        for item in sale.items {
            guard let stock = reading.items[item.sku] else { return "\(item.sku) is not in Redis" }
            if stock.available != item.loaded - item.committed {
                return "\(item.sku): \(stock.available) available of \(item.loaded) with \(item.committed) committed"
            }
            let counted = Set(held.buyers.filter { $0.key.sku == item.sku }.values.joined().map(\.order))
            let live = Set(books.orders.values.map(\.order).filter { $0.sku == item.sku && $0.state.isLive }.map(\.id))
            if counted != live { return "\(item.sku): Redis counts \(counted.sorted()), live are \(live.sorted())" }
        }
        return nil
    }
}

/// At rest and with nothing broken, whoever comes gets a unit as long as there is one, and nobody
/// after that.
struct SellOut {
    private let world: World
    private let buyers: Buyers

    init(of world: World, by buyers: Buyers) {
        self.world = world
        self.buyers = buyers
    }

    func run() {
        guard let sale = world.books.sales[world.sale] else { return }
        let now = Timestamp(milliseconds: WorldClock.epoch + world.scheduler.milliseconds)
        guard sale.closesAt > now.advanced(milliseconds: 60_000) else { return }
        if sale.status == .paused { resume() }
        for sku in world.skus { sellOut(sku) }
    }

    private func resume() {
        for _ in 0..<5 {
            world.operate("resumes at last") { [id = world.sale] in _ = try await $0.setStatus(.open, of: id, dryRun: false, by: .world) }
            _ = world.scheduler.run(until: world.scheduler.now + 4_000_000_000)
            if world.books.sales[world.sale]?.status == .open { return }
        }
        world.auditor.find("I10", "the sale cannot be resumed")
    }

    private func sellOut(_ sku: SKU) {
        var patience = world.nodes.count
        for number in 0..<60 {
            let isLeft = (world.redis.sales[world.sale]?.stock[sku]?.available ?? 0) > 0
            guard let attempt = buyers.send(UserID("last-\(sku)-\(number)")!, sku, 1, nil, waitMilliseconds: 3_000) else { return }
            _ = world.scheduler.run(until: world.scheduler.now + 10_000_000_000) { attempt.outcome != nil }
            switch attempt.outcome {
            case .committed: continue
            // That the scripts are gone is noticed by the first who needs them; units that came
            // back just now are on sale in a second.
            case .refused(.recovering) where patience > 0, .refused(.soldOut) where isLeft && patience > 0:
                patience -= 1
                _ = world.scheduler.run(until: world.scheduler.now + 1_000_000_000)
            // A unit may come back between the look and the purchase, never go.
            case .refused(.soldOut) where !isLeft: return
            default:
                return world.auditor.find(
                    "I10", "\(sku): with\(isLeft ? "" : "out") units left, a buyer hears \(attempt.outcome?.short ?? "nothing")")
            }
        }
        world.auditor.find("I10", "\(sku) does not sell out")
    }
}

extension Attribution {
    static let world = Attribution(actor: "world", command: "simulated")
}
