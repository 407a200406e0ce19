import Foundation
import LoadClient
import LoadModel
import LoadSupport
import Synchronization

/// Many buyers who want what is sold, try until they hear a final word, and write everything down.
package final class Crowd: Sendable {
    private let plan: CrowdPlan
    private let wanted: Mutex<[Intention]>
    private let market: any Market
    private let trial: Trial
    private let lastArrival: (withFaults: Duration, afterFaults: Duration)
    /// One for each address that buyers come from.
    private let clients: [WebClient]
    private let doors: [Door]
    private let balancer: Balancer
    private let turnstile: AsyncSemaphore
    package let startedAt = ContinuousClock.now
    private let exchanges = Mutex<[BuyerExchange]>([])
    /// `nil` while faults are still to come.
    private let faultsEnded = Mutex<ContinuousClock.Instant?>(nil)

    private init(_ plan: CrowdPlan, on market: any Market, _ trial: Trial) {
        self.plan = plan
        wanted = Mutex(plan.intentions)
        lastArrival = (
            plan.intentions.filter { !$0.comesAfterFaults }.map(\.arrival).max() ?? .zero,
            plan.intentions.filter(\.comesAfterFaults).map(\.arrival).max() ?? .zero
        )
        self.market = market
        self.trial = trial
        clients = plan.localAddresses.map { WebClient(requestsPerConnection: plan.purchasesPerConnection, localAddress: $0) }
        doors = market.doors
        balancer = Balancer(doors)
        turnstile = AsyncSemaphore(plan.inFlightMax)
    }

    /// Lets the crowd come while `faults` happen, and returns when both are over.
    package static func run(
        _ plan: CrowdPlan, on market: any Market, _ trial: Trial, faults: @escaping @Sendable (Crowd) async throws -> Void = { _ in }
    ) async throws -> Crowd {
        let crowd = Crowd(plan, on: market, trial)
        let result: Result<Void, any Error>
        do {
            try await crowd.run(faults)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for client in crowd.clients { await client.stop() }
        try result.get()
        return crowd
    }

    /// The plan's, and those of `buyOne`.
    package var intentions: [Intention] { wanted.withLock { $0 } }
    package var log: [BuyerExchange] { exchanges.withLock { $0 } }
    /// Since the start of the crowd.
    package var now: Duration { ContinuousClock.now - startedAt }
    /// From its start to its last answer.
    package var duration: Duration { exchanges.withLock { $0.map(\.endedAt).max() ?? .zero } }
    /// Answers that sold, so far.
    package var bought: Int { exchanges.withLock { $0.count(where: \.hasBought) } }

    /// Waits until so many purchases have been sold: a fault at the beginning of a sale meets
    /// nothing.
    package func waitUntil(bought count: Int, within patience: Duration = .seconds(15)) async throws {
        try await eventually(within: patience, every: .milliseconds(10)) { bought >= count }
    }

    private func run(_ faults: @escaping @Sendable (Crowd) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.balancer.poll() }
            try await withThrowingTaskGroup(of: Void.self) { work in
                work.addTask {
                    try await faults(self)
                    self.faultsEnded.withLock { $0 = .now }
                }
                for index in self.plan.intentions.indices {
                    work.addTask { try await self.come(index, copy: 0) }
                    if self.plan.duplicateEvery > 0, index % self.plan.duplicateEvery == 0, self.plan.intentions[index].key != nil {
                        work.addTask { try await self.come(index, copy: 1) }
                    }
                }
                try await work.waitForAll()
            }
            group.cancelAll()
        }
    }

    /// One more buyer comes now and asks every 100 ms until something is sold to them.
    ///
    /// - Returns: how long that took; `nil` when it was not within `patience`.
    package func buyOne(within patience: Duration) async throws -> Duration? {
        let index = wanted.withLock { wanted in
            let user = "buyer-prober-\(wanted.count)"
            wanted.append(Intention(user: user, key: "key-\(user)"))
            return wanted.count - 1
        }
        let start = now
        var attempt = 0
        while now - start < patience {
            attempt += 1
            let exchange = await attend(index, attempt: attempt)
            if exchange.hasBought { return now - start }
            try await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }

    /// When a buyer of the plan gives up; `nil` while it is not known.
    private var end: ContinuousClock.Instant? {
        faultsEnded.withLock { $0 }.map { ended in
            max(ended + lastArrival.afterFaults, startedAt + lastArrival.withFaults) + plan.patience
        }
    }

    /// One buyer, from the arrival to the final word.
    private func come(_ index: Int, copy: Int) async throws {
        let intention = plan.intentions[index]
        var start = startedAt
        if intention.comesAfterFaults {
            while true {
                if let ended = faultsEnded.withLock({ $0 }) {
                    start = ended
                    break
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        try await Task.sleep(until: start + intention.arrival, clock: .continuous)
        var attempt = copy * 1_000
        var random = SplitMix64(seed: trial.seed &+ UInt64(index * 2 + copy))
        while true {
            attempt += 1
            let exchange = await attend(index, attempt: attempt)
            guard exchange.mayPass, let pause = pause(after: exchange, &random) else { return }
            try await Task.sleep(for: pause)
            if let end, ContinuousClock.now > end { return }
        }
    }

    private func attend(_ index: Int, attempt: Int) async -> BuyerExchange {
        await turnstile.enter()
        let exchange = await ask(index, attempt: attempt)
        await turnstile.leave()
        exchanges.withLock { $0.append(exchange) }
        trial.answered(exchange.summary)
        return exchange
    }

    private func ask(_ index: Int, attempt: Int) async -> BuyerExchange {
        let intention = wanted.withLock { $0[index] }
        let door = balancer.next()
        let sentAt = now
        let outcome: BuyerExchange.Outcome
        do {
            outcome = .answered(
                try await doors[door].buy(
                    clients[index % clients.count], sale: market.saleName, sku: intention.sku, quantity: intention.quantity, user: intention.user,
                    key: intention.key,
                    headers: intention.prefersAsync ? [("Prefer", "respond-async")] : [], timeout: plan.timeout))
        } catch {
            outcome = .unanswered(Self.reason(error))
        }
        return BuyerExchange(intention: index, attempt: attempt, door: door, sentAt: sentAt, endedAt: now, outcome: outcome)
    }

    private func pause(after exchange: BuyerExchange, _ random: inout SplitMix64) -> Duration? {
        switch plan.retry {
        case .never: return nil
        case .storm: return .milliseconds(2)
        case .polite:
            let asked = exchange.answer?.retryAfterSeconds.map { $0 * 1_000 } ?? 150
            return .milliseconds(Int(Double(min(1_000, asked)) * Double.random(in: 0.5...1.0, using: &random)))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? WebClientError {
        case .broken?, nil: "reset"
        case let error?: error.reason
        }
    }
}
