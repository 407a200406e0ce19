import FaultSuite
import Foundation
import LoadClient
import LoadSupport
import Synchronization

/// Clients that ask again at once, whatever they hear.
private final class Flood: Sendable {
    private struct Heard {
        var statuses: [String: Int] = [:]
        /// Refusals that say neither what is wrong nor when to come back.
        var rude: [String] = []
    }

    private let heard = Mutex(Heard())

    var statuses: [String: Int] { heard.withLock { $0.statuses } }
    var rude: [String] { heard.withLock { $0.rude } }
    var count: Int { statuses.values.reduce(0, +) }

    /// - Parameter lanes: how many requests each address has under way.
    func run(from addresses: [String], lanes: Int, on sale: ShopSale, for duration: Duration) async {
        guard let door = sale.doors.first else { return }
        let end = ContinuousClock.now + duration
        let clients = addresses.map { WebClient(localAddress: $0) }
        await withTaskGroup(of: Void.self) { group in
            for (client, address) in zip(clients, addresses) {
                for lane in 0..<lanes {
                    group.addTask {
                        var number = 0
                        while ContinuousClock.now < end {
                            number += 1
                            let user = "flood-\(address)-\(lane)-\(number)"
                            self.note(try? await door.buy(client, sale: sale.saleName, user: user, timeout: .seconds(3)))
                        }
                    }
                }
            }
        }
        for client in clients { await client.stop() }
    }

    private func note(_ answer: Answer?) {
        let summary = answer?.summary ?? "no answer"
        let isRefusal = answer.map { $0.status >= 400 } ?? false
        let isPolite =
            answer.map { $0.headers["content-type"] == "application/problem+json" && $0.retryAfterSeconds != nil && $0.code != nil } ?? false
        heard.withLock {
            $0.statuses[summary, default: 0] += 1
            if isRefusal, !isPolite { $0.rude.append(summary) }
        }
    }
}

extension Drill {
    /// D10: more than anybody can serve.
    static func floods(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario(
                "D10", "a flood through the edge, most of it from one address, as much as this machine makes",
                bar: "≥ 80 % of honest buyers served; every refusal is problem+json with Retry-After"
            ) { trial in
                try await keeper.withShop(trial) { shop in
                    let (honest, flooded) = (try await keeper.sale(1_000, in: shop), try await keeper.sale(1_000_000, in: shop))
                    @Sendable func addresses(_ numbers: ClosedRange<Int>) -> [String] { numbers.map(shop.lab.topology.client) }
                    var plan = Load(perSecond: 30, seconds: 10, retry: .polite).plan()
                    plan.localAddresses = addresses(220...239)
                    plan.patience = .seconds(5)
                    let many = Flood()
                    let alone = Mutex(Hammer())
                    let seconds = 8
                    let crowd = try await Crowd.run(plan, on: honest, trial) { _ in
                        try await trial.pause(1_000...1_000)
                        trial.injected("flood")
                        async let one = Hammer.run(connections: 48, on: flooded, for: seconds, in: trial.directory)
                        async let others: Void = many.run(from: addresses(201...216), lanes: 3, on: flooded, for: .seconds(seconds))
                        let heard = try await one
                        alone.withLock { $0 = heard }
                        await others
                    }
                    let hammer = alone.withLock { $0 }
                    let offered = Double(hammer.count + many.count) / Double(seconds)
                    let sold = Double((hammer.statuses["201"] ?? 0) + (many.statuses["201"] ?? 0)) / Double(seconds)
                    let served = Set(crowd.log.filter(\.hasBought).map(\.intention)).count
                    let share = Double(served) / Double(crowd.intentions.count)
                    trial.figure("honest_served_percent", share * 100)
                    trial.figure("flood_requests_per_second", offered)
                    trial.figure("flood_sold_per_second", sold)
                    trial.note(
                        "from one address: \(hammer.statuses.sorted { $0.value > $1.value }); from many: \(many.statuses.sorted { $0.value > $1.value })"
                    )
                    trial.check("honest_buyers_are_served", share >= 0.8, "\(served) of \(crowd.intentions.count) honest buyers got their unit")
                    let (unheard, refused) = (many.statuses["no answer"] ?? 0, hammer.statuses["429"] ?? 0)
                    trial.check("the_flood_arrives", unheard * 20 <= many.count, "\(unheard) of \(many.count) heard nothing")
                    trial.check("one_address_is_held", refused * 2 > hammer.count, "\(refused) of \(hammer.count) from one address were refused 429")
                    trial.check(
                        "refusals_say_when_to_come_back", many.rude.isEmpty && hammer.rude == 0,
                        "\(many.rude.count + hammer.rude) refusals without a problem or Retry-After \(Set(many.rude).sorted())")
                    try await honest.judge(answersOf: crowd, trial, mustSellOut: false)
                    let (audit, _) = try await flooded.comeToRest(soldOut: false)
                    trial.check("the_flood_is_accounted_for", audit.isAtRest, audit.summary)
                }
            }
        ]
    }
}
