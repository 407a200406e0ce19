import FaultSuite
import Foundation
import Glibc
import LoadSupport

extension Drill {
    /// D7 to D9: the hosts of the stores.
    static func stores(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario("D7", "the Redis primary is killed; it is cut off with one node on its side", bar: "0 oversold, 0 lost 201, sells ≤ 6 s after") {
                trial in
                try await keeper.withShop(trial) { shop in
                    try await fails(trial, shop, keeper, seconds: 14, within: 6) {
                        guard let primary = await shop.redisPrimary() else { throw SetupFailure("no Redis is the primary") }
                        trial.injected("power of the Redis primary gone")
                        try await shop.powerOff(primary.host)
                    }
                    guard trial.isWhole else { return }
                    try await shop.heal()
                    try await fails(trial, shop, keeper, seconds: 16, within: 6) {
                        guard let primary = await shop.redisPrimary() else { throw SetupFailure("no Redis is the primary") }
                        let node = shop.nodes[0]
                        trial.injected("Redis primary and \(node.name) cut off from everybody else's stores")
                        let apart = shop.redis.map(\.host).filter { $0 !== primary.host }.map(\.address)
                        for host in [primary.host, node.host] { try await refuse(apart, on: host) }
                        try await refuse(shop.nodes.dropFirst().map(\.host.address), on: primary.host)
                        try await trial.pause(8_000...8_000)
                        trial.injected("together again")
                        for host in [primary.host, node.host] { try await host.mustRun(["nft", "flush", "ruleset"]) }
                    }
                }
            },
            Scenario(
                "D8", "the Postgres primary is killed; it is cut off from its standby and etcd; it dies twice while its standby is away",
                bar: "0 lost 201, 0 doubled; sells ≤ 10 s after the kill, ≤ ttl + 5 s after the cut; the old primary takes no order"
            ) { trial in
                try await keeper.withShop(trial) { shop in
                    // Patroni may start it again so soon that every purchase waits and none is
                    // refused.
                    try await fails(trial, shop, keeper, seconds: 16, within: 10, refusing: false) {
                        guard let primary = await shop.postgresPrimary(), let pid = try await primary.postmaster() else {
                            throw SetupFailure("no Postgres is the primary")
                        }
                        trial.injected("kill -9 of the Postgres primary")
                        let isKilled = Glibc.kill(pid, SIGKILL) == 0
                        let isGone = try await eventually(within: .seconds(5), every: .milliseconds(20)) { Glibc.kill(pid, 0) != 0 }
                        trial.check("the_primary_dies", isKilled && isGone, "postmaster \(pid) \(isGone ? "is gone" : "is there")")
                    }
                    guard trial.isWhole else { return }
                    try await shop.heal()
                    let ttl = shop.lab.topology.number("PATRONI_TTL")
                    try await fails(trial, shop, keeper, seconds: Double(ttl) + 12, within: Double(ttl) + 5) {
                        guard let primary = await shop.postgresPrimary() else { throw SetupFailure("no Postgres is the primary") }
                        trial.injected("Postgres primary cut off")
                        try await shop.lab.cut(primary.host)
                        let standby = shop.postgres.first { $0 !== primary }
                        guard try await eventually(within: .seconds(ttl + 10), { await standby?.isA("primary") ?? false }) else {
                            return trial.check("the_standby_takes_over", false, "no promotion within \(ttl + 10) s")
                        }
                        try await takesNoOrder(trial, primary, unlike: standby)
                        try await shop.lab.mend(primary.host)
                    }
                    try await shop.heal()
                    try await fails(trial, shop, keeper, seconds: Double(ttl) + 20, within: Double(ttl) + 15) {
                        try await diesWhileCommitsWait(trial, shop, promotedWithin: ttl + 10)
                    }
                }
            },
            Scenario(
                "D9", "the first edge and the first hosts of both stores lose their power at once",
                bar: "as D7 and D8 together, one after the other: ≤ ttl + 11 s"
            ) { trial in
                try await keeper.withShop(trial) { shop in
                    let ttl = shop.lab.topology.number("PATRONI_TTL")
                    try await fails(trial, shop, keeper, seconds: Double(ttl) + 18, within: Double(ttl) + 11) {
                        guard let edge = try await shop.edgeThatHolds(), let redis = await shop.redisPrimary(),
                            let postgres = await shop.postgresPrimary()
                        else { throw SetupFailure("the shop is not whole") }
                        trial.injected("power of \(edge.name), \(redis.host.name) and \(postgres.host.name) gone")
                        for host in [edge.host, redis.host, postgres.host] { try await shop.powerOff(host) }
                        try await trial.pause(2_000...2_000)
                        // The machine comes back without a network first.
                        try await postgres.patroni.start()
                    }
                }
            },
        ]
    }

    /// A primary that was cut off, and has a successor now, gives no more verdicts, and what it
    /// holds its successor has.
    private static func takesNoOrder(_ trial: Trial, _ old: PostgresHost, unlike new: PostgresHost?) async throws {
        let question = "SELECT id FROM orders ORDER BY created_at DESC LIMIT 5000"
        var found: [[String]]?
        let isReadOnly = try await eventually(within: .seconds(10)) {
            guard (try? await old.query("SELECT pg_is_in_recovery()")) == [["t"]] else { return false }
            found = try? await old.query(question)
            return found != nil
        }
        trial.check("the_old_primary_takes_no_order", isReadOnly, "\(old.host.name) \(isReadOnly ? "is read-only" : "is not read-only")")
        // What waited for the standby when it was cut off has no verdict, and is repeated.
        var own = found ?? []
        let isKnown = try await eventually(within: .seconds(20)) {
            let known = Set(try await new?.query("SELECT id FROM orders") ?? [])
            own.removeAll { known.contains($0) }
            return own.isEmpty && !known.isEmpty
        }
        trial.check("the_old_primary_has_no_orders_of_its_own", isKnown, "\(own.count) of \(found?.count ?? 0) orders")
    }

    /// Commits wait for a standby that is away; the primary crashes and comes back, and the
    /// repetitions find rows there that the standby lacks; then its host is gone, and the standby
    /// takes over.
    private static func diesWhileCommitsWait(_ trial: Trial, _ shop: Shop, promotedWithin seconds: Int) async throws {
        guard let primary = await shop.postgresPrimary(), let standby = await shop.postgresStandby() else {
            throw SetupFailure("Postgres is not whole")
        }
        trial.injected("Postgres standby cut off, and the primary dies twice")
        // Patroni would let the primary go on alone, and the standby would have no right to take
        // over.
        primary.patroni.freeze()
        try await shop.lab.cut(standby.host)
        try await trial.pause(1_000...1_000)
        let sessions = try await primary.query("SELECT pid FROM pg_stat_activity WHERE usename = 'seckill' AND backend_type = 'client backend'")
        guard let session = sessions.first?.first.flatMap({ Int32($0) }) else { throw SetupFailure("nobody is connected to Postgres") }
        // Postgres starts all of its processes again when one of them is killed.
        _ = Glibc.kill(session, SIGKILL)
        let isBack = try await eventually(within: .seconds(10), every: .milliseconds(20)) {
            (try? await primary.query("SELECT pg_is_in_recovery(), count(*) FROM pg_stat_activity WHERE pid = \(session)")) == [["f", "0"]]
        }
        trial.check("the_primary_comes_back", isBack, "Postgres \(isBack ? "came" : "did not come") back")
        let awaited = try await primary.query("SHOW synchronous_standby_names")
        trial.check("commits_wait_for_the_standby", awaited.first?.first?.isEmpty == false, "synchronous_standby_names is \(awaited)")
        try await trial.pause(2_500...2_500)
        try await shop.powerOff(primary.host)
        try await shop.lab.mend(standby.host)
        let isPromoted = try await eventually(within: .seconds(seconds)) { await standby.isA("primary") }
        trial.check("the_standby_takes_over", isPromoted, "\(isPromoted ? "promoted" : "not promoted") within \(seconds) s")
    }

    /// Buyers ask until they hear a final word; they must be sold to again within `bar` of the
    /// fault.
    ///
    /// - Parameters:
    ///   - refusing: the fault lasts long enough for some purchase to be refused or unanswered; if
    ///     none is, nothing was tested.
    private static func fails(
        _ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, seconds: Double, within bar: Double, refusing: Bool = true,
        _ fault: @escaping @Sendable () async throws -> Void
    ) async throws {
        let (seconds, bar) = (seconds + trial.allowed(bar) - bar, trial.allowed(bar))
        let load = Load(perSecond: 40, seconds: seconds, retry: .polite)
        let sale = try await keeper.sale(Int(Double(load.perSecond) * load.seconds) * 2, in: shop)
        let crowd = try await Crowd.run(load.plan(), on: sale, trial) { crowd in
            try await crowd.waitUntil(bought: 60)
            try await fault()
        }
        let moments = trial.record.moments.map { ($0.fault, $0.at - crowd.startedAt) }.filter { $0.1 >= .zero }
        guard let at = moments.first?.1 else { throw SetupFailure("no fault happened") }
        trial.check("buyers_come_for_long_enough", at.seconds + bar < seconds, "fault after \(at.seconds) s, buyers for \(seconds) s, bar \(bar) s")
        // Only what is confirmed counts: reservations go on for a while. New buyers come until the
        // end.
        let pause = CrowdFigures(crowd.log).longestSilence(from: at, to: max(at, .seconds(seconds)))
        trial.figureMax("\(moments[0].0): nothing confirmed, seconds", pause.seconds)
        trial.check("sells_again_in_time", pause.seconds <= bar, "\(moments[0].0): nothing was confirmed for \(pause.seconds) s, of \(bar)")
        _ = try await eventually(within: .seconds(60)) {
            let (redis, postgres) = (await shop.redisPrimary(), await shop.postgresPrimary())
            return redis != nil && postgres != nil
        }
        try await sale.judge(answersOf: crowd, trial, mustSellOut: false, mustBeFelt: refusing)
    }

    /// Nothing passes between `host` and `addresses`, in either direction.
    private static func refuse(_ addresses: [String], on host: Host) async throws {
        let set = addresses.joined(separator: ", ")
        try await host.mustRun(
            ["nft", "-f", "-"],
            input: """
                add table inet drill
                add chain inet drill input { type filter hook input priority 0; }
                add chain inet drill output { type filter hook output priority 0; }
                add rule inet drill input ip saddr { \(set) } drop
                add rule inet drill output ip daddr { \(set) } drop

                """)
    }
}
