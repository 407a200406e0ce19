import SaleCore
import SaleService

/// What befalls a world.
enum Fault: CaseIterable {
    case nodeKilled, nodePaused, nodeDrained, nodeStarted
    case redisStopped, redisFlushed, scriptsFlushed, redisFailsOver, redisRepromoted, redisPaused
    case postgresStopped, postgresPaused
    case storm, redisCutOff, postgresCutOff
    case stockAdded, stockTakenOff, salePaused, saleRepaired, orderCancelled, moneySentBack

    func strike(_ world: World) {
        let scheduler = world.scheduler
        func some(_ milliseconds: ClosedRange<UInt64>) -> UInt64 { scheduler.random.span(milliseconds) }
        func node() -> Node? { world.nodes.isEmpty ? nil : scheduler.random.pick(world.nodes) }
        switch self {
        case .nodeKilled:
            guard let node = node() else { return }
            world.kill(node)
            scheduler.after(some(20...1_500)) { [weak world] in world?.startNode() }
        case .nodePaused: if let node = node() { world.pause(node, for: some(200...4_000)) }
        case .nodeDrained:
            guard let node = node() else { return }
            world.trace("\(node.process.name) drains")
            node.beginDraining()
            scheduler.after(some(50...2_000)) { [weak world] in if !node.process.isDead { world?.kill(node) } }
        case .nodeStarted: if world.nodes.count < 3 { world.startNode() }
        case .redisStopped: world.stopRedis(keeping: scheduler.random.pick(World.Memory.allCases), for: some(5...1_500))
        case .redisFlushed: world.flushRedis()
        case .scriptsFlushed: world.flushScripts()
        case .redisFailsOver: if world.redis.isUp { world.failOver() }
        case .redisRepromoted: if world.redis.isUp { world.repromote() }
        case .redisPaused: world.freezeRedis(for: some(100...3_000))
        case .postgresStopped: world.stopPostgres(for: some(20...2_000))
        case .postgresPaused: world.freezePostgres(for: some(100...4_000))
        case .storm:
            world.trace("a storm on the network")
            world.network.weather = Network.Weather(
                requestLost: Int.random(in: 0...200, using: &scheduler.random), replyLost: Int.random(in: 0...200, using: &scheduler.random),
                duplicated: Int.random(in: 0...200, using: &scheduler.random), late: Int.random(in: 0...100, using: &scheduler.random),
                latency: 0...Int.random(in: 5...300, using: &scheduler.random).magnitude.asMilliseconds)
            scheduler.after(some(200...2_000)) { [weak world] in world?.network.weather = .fair }
        case .redisCutOff: cut(node(), from: world.redis, in: world, for: some(200...2_500))
        case .postgresCutOff: cut(node(), from: world.postgres, in: world, for: some(200...2_500))
        case .stockAdded:
            let sku = scheduler.random.pick(world.skus)
            let units = Int64.random(in: 1...5, using: &scheduler.random)
            world.operate("adds \(units) of \(sku)") { [sale = world.sale] in
                _ = try await $0.addStock(units, of: sku, in: sale, dryRun: false, by: .world)
            }
        case .stockTakenOff:
            let sku = scheduler.random.pick(world.skus)
            let units = Int64.random(in: 1...3, using: &scheduler.random)
            world.operate("takes \(units) of \(sku) off") { [sale = world.sale] in
                _ = try await $0.addStock(-units, of: sku, in: sale, dryRun: false, by: .world)
            }
        case .salePaused:
            world.operate("pauses") { [sale = world.sale] in _ = try await $0.setStatus(.paused, of: sale, dryRun: false, by: .world) }
            scheduler.after(some(100...1_500)) { [weak world] in
                world?.operate("resumes") { [sale = SaleID("flash")!] in _ = try await $0.setStatus(.open, of: sale, dryRun: false, by: .world) }
            }
        case .orderCancelled:
            for order in Self.chosen(from: world.auditor.grantedOrders, in: world) {
                world.operateOnOrders("cancels \(order)") { _ = try await $0.cancel(order, by: .world.because("asked to")) }
            }
        case .moneySentBack: Self.sendBack(in: world, turns: 20)
        case .saleRepaired: world.operate("repairs") { [sale = world.sale] in try await $0.repair(sale, lost: .kept, by: .world) }
        }
    }

    /// One of `orders`, now and then by two operators.
    private static func chosen(from orders: [OrderID], in world: World) -> [OrderID] {
        guard !orders.isEmpty else { return [] }
        let order = world.scheduler.random.pick(orders)
        return world.scheduler.random.happens(300) ? [order, order] : [order]
    }

    /// Operators who work off the list of refunds, two at once on the same, and now and then with
    /// another amount.
    private static func sendBack(in world: World, turns: Int) {
        for stored in world.books.orders.values.sorted(by: { $0.order.id < $1.order.id }) where stored.order.refundDue {
            let due = world.books.surplus(of: stored.order)
            let amount = world.scheduler.random.happens(150) ? due + 1 : due
            for number in 0..<(world.scheduler.random.happens(400) ? 2 : 1) {
                let refund = Refund(order: stored.order.id, amount: amount, reference: "r\(number)-\(turns)")
                world.operateOnOrders("sends \(amount) of \(refund.order) back") { _ = try await $0.record(refund, by: .world) }
            }
        }
        if turns > 0 {
            world.scheduler.after(world.scheduler.random.span(200...500)) { [weak world] in world.map { sendBack(in: $0, turns: turns - 1) } }
        }
    }

    private func cut(_ node: Node?, from server: SimulatedServer, in world: World, for nanoseconds: UInt64) {
        guard let node else { return }
        let (process, network, name) = (node.process.name, world.network, server.name)
        world.trace("\(process) is cut off from \(name)")
        network.cut(process, from: name)
        world.scheduler.after(nanoseconds) { network.heal(process, with: name) }
    }
}

extension UInt {
    fileprivate var asMilliseconds: UInt64 { UInt64(self) }
}
