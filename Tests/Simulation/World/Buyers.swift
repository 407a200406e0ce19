import SaleCore
import SaleService

/// Buyers and payment providers: they buy, repeat, cancel and pay, now and then twice, at any node.
final class Buyers {
    private unowned let world: World
    private var number = 0
    private var eventNumber = 0
    private let skus: [SKU]
    private let userCount: Int

    init(of world: World, skus: [SKU], userCount: Int) {
        self.world = world
        self.skus = skus
        self.userCount = userCount
    }

    private var random: SimulationRandom {
        get { world.scheduler.random }
        set { world.scheduler.random = newValue }
    }

    /// One buyer's wish, some time later.
    func buy(at instant: MonotonicInstant) {
        world.scheduler.at(instant) { [self] in
            let user = UserID("u\(Int.random(in: 1...userCount, using: &random))")!
            let key = random.happens(500) ? IdempotencyKey("k\(Int.random(in: 1...2, using: &random))") : nil
            let quantity = random.happens(800) ? 1 : 2
            send(user, random.pick(skus), quantity, key)
        }
    }

    /// - Returns: `nil` when there is no node to send it to.
    @discardableResult
    func send(_ user: UserID, _ sku: SKU, _ quantity: Int, _ key: IdempotencyKey?, waitMilliseconds: UInt64? = nil) -> Attempt? {
        guard !world.nodes.isEmpty else { return nil }
        let node = random.pick(world.nodes)
        number += 1
        let wait = waitMilliseconds ?? (random.happens(150) ? 0 : UInt64.random(in: 50...3_000, using: &random))
        let attempt = Attempt(
            number: number, user: user, sku: sku, quantity: quantity, key: key, waitNanoseconds: wait * 1_000_000, node: node.process,
            sentAt: world.scheduler.now
        ) { [self] attempt, outcome in
            world.auditor.answered(attempt, outcome, world.postgres.confirmedBooks)
            goOn(attempt, outcome)
        }
        world.auditor.began(attempt)
        world.trace("attempt \(number): \(user) buys \(quantity) \(sku) under \(key?.rawValue ?? "no key") at \(node.process.name)")
        node.purchase(attempt, of: world.sale, onLane: Int.random(in: 0..<8, using: &random))
        return attempt
    }

    // MARK: What buyers do next

    var isQuiet = false

    private func goOn(_ attempt: Attempt, _ outcome: PurchaseOutcome) {
        guard !isQuiet else { return }
        if attempt.key != nil, random.happens(300) { later { $0.send(attempt.user, attempt.sku, attempt.quantity, attempt.key) } }
        switch outcome {
        case .committed(let order, _), .reserved(let order, _):
            if random.happens(250) { later { $0.cancel(order) } }
            if random.happens(350) { later { $0.pay(order) } }
        case .refused: break
        }
    }

    private func later(_ act: @escaping (Buyers) -> Void) {
        world.scheduler.after(random.span(0...2_500)) { [self] in if !isQuiet { act(self) } }
    }

    private func cancel(_ order: Order) {
        let auditor = world.auditor
        atSomeNode("\(order.user) cancels \(order.id)") { actions in
            let outcome = try await actions.cancel(order.id, by: order.user)
            if case .cancelled(let now, _) = outcome, now.state != .cancelled || now.id != order.id { auditor.find("I7", "cancelled \(now)") }
        }
    }

    private func pay(_ order: Order) {
        let outcome: PaymentEvent.Outcome = random.happens(800) ? .succeeded : .failed
        if random.happens(900) { eventNumber += 1 }
        let event = PaymentEvent(
            id: PaymentEventID("e\(max(1, eventNumber))")!, order: order.id, outcome: outcome, amount: order.amountDue, currency: order.currency)
        let world = world
        for _ in 0..<(random.happens(250) ? 2 : 1) {
            atSomeNode("a provider: \(event.id) of \(order.id) \(outcome)") { actions in
                guard case .recorded(let now, _) = try await actions.record(event) else { return }
                // A repetition may come after the money has gone back.
                let isKept = now.state == .paid || now.refundDue || world.books.hasRefunded(now.id)
                if event.outcome == .succeeded, !isKept { world.auditor.find("money", "\(event.id) is kept and \(now.id) is \(now.state)") }
            }
        }
    }

    private func atSomeNode(_ what: String, _ act: @escaping (OrderActions) async throws -> Void) {
        guard !world.nodes.isEmpty else { return }
        let node = random.pick(world.nodes)
        world.trace("\(what) at \(node.process.name)")
        let work = UncheckedWork(actions: node.engine.actions, act: act)
        node.process.spawn { try? await work.act(work.actions) }
    }

    private struct UncheckedWork: @unchecked Sendable {
        let actions: OrderActions
        let act: (OrderActions) async throws -> Void
    }
}
