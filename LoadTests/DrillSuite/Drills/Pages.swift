import FaultSuite
import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1

extension Drill {
    /// D6: the cache.
    static func pages(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario(
                "D6", "Varnish is killed, frozen and restarted; a thousand look at one page at its opening",
                bar: "0 failed reads, ≤ 2 origin requests a second, stock ≤ 1.5 s old, nothing personal kept"
            ) { trial in
                try await keeper.withShop(trial) { shop in
                    let sale = try await keeper.sale(2_000, in: shop)
                    let page = "\(shop.base)/v1/sales/\(sale.saleName)"
                    guard let edge = try await shop.edgeThatHolds() else { throw SetupFailure("no edge holds the address") }

                    let asked = try origin(shop, sale)
                    let crowd = try await Reads.run(page, perSecond: 0, seconds: 0, crowd: trial.scaled(1_000, atLeast: 300)) {}
                    trial.check("no_read_failed", crowd.failed.isEmpty, "a crowd at once: \(crowd.text)")
                    let ofCrowd = try origin(shop, sale) - asked
                    trial.figure("origin_requests_of_the_crowd", Double(ofCrowd))
                    trial.check("the_origin_is_spared", (1...2).contains(ofCrowd), "\(ofCrowd) origin requests for a crowd at once")

                    try await freshness(trial, shop, sale, page)
                    try await keepsNothingPersonal(trial, shop, sale, page)

                    let killed = try await Reads.run(page, perSecond: 100, seconds: 5) {
                        try await trial.pause(1_000...1_000)
                        trial.injected("kill -9 of Varnish")
                        await edge.varnish.kill()
                        try await trial.pause(2_000...2_000)
                        trial.injected("Varnish started again")
                        try await edge.varnish.start()
                    }
                    trial.check("no_read_failed", killed.failed.isEmpty, "killed: \(killed.text)")
                    let frozen = try await Reads.run(page, perSecond: 50, seconds: 6) {
                        try await trial.pause(1_000...1_000)
                        trial.injected("SIGSTOP of Varnish for 3 s")
                        try await signalVarnish(edge, "STOP")
                        try await trial.pause(3_000...3_000)
                        try await signalVarnish(edge, "CONT")
                    }
                    trial.check("no_read_failed", frozen.failed.isEmpty, "frozen: \(frozen.text)")
                }
            }
        ]
    }

    /// While people buy, nobody sees more units than there were one and a half seconds before.
    private static func freshness(_ trial: Trial, _ shop: Shop, _ sale: ShopSale, _ page: String) async throws {
        let before = try origin(shop, sale)
        let start = ContinuousClock.now
        let load = Load(seconds: 6)
        let (crowd, reads) = try await withThrowingTaskGroup(of: Void.self) { _ in
            async let reads = Reads.run(page, perSecond: 50, seconds: load.seconds) {}
            let crowd = try await Crowd.run(load.plan(), on: sale, trial)
            return (crowd, try await reads)
        }
        let seconds = (ContinuousClock.now - start).seconds
        let perSecond = Double(try origin(shop, sale) - before) / seconds
        trial.figure("origin_requests_per_second", perSecond)
        trial.check(
            "the_origin_is_spared", perSecond > 0 && perSecond <= 2, "\((perSecond * 100).rounded() / 100) origin requests a second for one page")
        trial.check("no_read_failed", reads.failed.isEmpty, "while people buy: \(reads.text)")
        let sold = crowd.log.filter(\.hasBought).map { crowd.startedAt + $0.endedAt }.sorted()
        let stale = reads.looks.filter { look in
            guard let items = look.answer?.json["items"] as? [[String: Any]], let available = items.first?["available"] as? Int else { return true }
            return available > 2_000 - sold.count { $0 <= look.sentAt - .milliseconds(1_500) }
        }
        trial.check(
            "stock_is_fresh", stale.isEmpty && !sold.isEmpty,
            "\(stale.count) of \(reads.looks.count) pages showed stock that was older, \(sold.count) units sold")
        try await sale.judge(answersOf: crowd, trial, mustSellOut: false)
    }

    private static func keepsNothingPersonal(_ trial: Trial, _ shop: Shop, _ sale: ShopSale, _ page: String) async throws {
        func ask(_ path: String, as user: String) async throws -> Answer {
            try await WebClient.shared.send(.GET, path, headers: Shop.credentials(user) + [("Cookie", "session=\(user)")])
        }
        let (ann, bob) = (try await ask(page, as: "ann"), try await ask(page, as: "bob"))
        let headers = [ann, bob].flatMap { $0.headers.keys }.filter { ["set-cookie", "ratelimit", "ratelimit-policy"].contains($0) }
        trial.check("pages_are_nobodys", headers.isEmpty, "headers that are somebody's: \(Set(headers).sorted())")
        let ids = [ann, bob].compactMap { $0.headers["x-request-id"] }
        trial.check("every_request_has_its_id", Set(ids).count == 2, "\(ids)")
        guard let door = sale.doors.first, let order = try await door.buy(.shared, sale: sale.saleName, user: "ann", key: "ann-1").order else {
            throw SetupFailure("nothing was sold to ann")
        }
        let list = "\(shop.base)/v1/orders"
        let (hers, his) = (try await ask(list, as: "ann"), try await ask(list, as: "bob"))
        trial.check("lists_are_their_owners", hers.body.contains(order) && !his.body.contains(order), "ann: \(hers.status), bob: \(his.status)")
    }

    /// Requests for the page that came to the nodes, by their access logs.
    private static func origin(_ shop: Shop, _ sale: ShopSale) throws -> Int {
        try shop.nodes.reduce(0) { count, node in
            count + (try node.lines().count { $0.contains("\"path\":\"/v1/sales/\(sale.saleName)\"") })
        }
    }

    /// The manager and the child that serves.
    private static func signalVarnish(_ edge: Edge, _ signal: String) async throws {
        try await edge.host.mustRun([
            "/bin/sh", "-ec", "set -- $(pgrep --ns $$ --nslist net -x 'varnishd|cache-main'); [ $# -ge 2 ]; kill -\(signal) \"$@\"",
        ])
    }
}
