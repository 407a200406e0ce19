import FaultSuite
import Foundation
import Glibc
import LoadSupport

extension Drill {
    /// D1 and D2: the two edges.
    static func edges(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario(
                "D1", "the edge that holds the address: killed, cut off, its HAProxy killed, its keepalived killed", bar: "≤ 1.5 s of failures each"
            ) { trial in
                try await keeper.withShop(trial) { shop in
                    try await loses(trial, shop, keeper, "power of the edge gone") { edge in
                        try await shop.powerOff(edge.host)
                    } mend: { _ in
                        try await shop.heal()
                    }
                    if trial.isWhole {
                        try await loses(trial, shop, keeper, "link of the edge cut") { edge in
                            try await shop.lab.cut(edge.host)
                        } mend: { _ in
                            try await shop.heal()
                        }
                    }
                    try await loses(trial, shop, keeper, "HAProxy killed") { edge in
                        await edge.haproxy.kill()
                    } mend: { _ in
                        try await shop.heal()
                    }
                    try await loses(trial, shop, keeper, "keepalived killed") { edge in
                        try await killKeepalived(edge)
                    } mend: { edge in
                        let isLeft = try await edge.holdsAddress()
                        trial.check("an_address_was_left", isLeft, "a killed keepalived \(isLeft ? "leaves" : "takes") its address")
                        try await edge.keepalived.start()
                        let isGone = try await eventually(within: .seconds(3)) { try await !edge.holdsAddress() }
                        trial.check("left_address_is_taken_away", isGone, "the restart of keepalived \(isGone ? "took" : "left") the address")
                    }
                }
            },
            Scenario("D2", "the edges do not hear each other, and do again", bar: "no wrong answer, one holder ≤ 2 s after") { trial in
                try await keeper.withShop(trial) { shop in
                    let felt = try await trial.drill(Load(seconds: 8), in: shop, keeper) {
                        try await trial.pause(1_500...1_500)
                        trial.injected("VRRP dropped")
                        for edge in shop.edges { try await silenceVRRP(edge) }
                        let both = try await eventually(within: .seconds(3)) { try await holders(shop) == 2 }
                        trial.check("both_hold_the_address", both, "\(try await holders(shop)) edges held the address")
                        try await trial.pause(2_000...2_000)
                        trial.injected("VRRP heard again")
                        for edge in shop.edges { try await edge.host.mustRun(["nft", "flush", "ruleset"]) }
                        let start = ContinuousClock.now
                        let one = try await eventually(within: .seconds(5)) { try await holders(shop) == 1 }
                        let seconds = (ContinuousClock.now - start).seconds
                        trial.figure("one_holder_seconds", seconds)
                        trial.check("one_holder_again", one && seconds <= 2, "\(try await holders(shop)) holder after \(seconds) s")
                    }
                    // While both hold the address, each tells the neighbours once a second that it
                    // does, and connections that change their edge are reset.
                    trial.check("few_requests_fail", felt.failed.count <= felt.requests / 20, felt.text)
                }
            },
        ]
    }

    private static func loses(
        _ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, _ fault: String,
        _ harm: @escaping @Sendable (Edge) async throws -> Void,
        mend: (Edge) async throws -> Void
    ) async throws {
        guard let edge = try await shop.edgeThatHolds(), let other = shop.edges.first(where: { $0 !== edge }) else {
            throw SetupFailure("no edge holds the address")
        }
        let felt = try await trial.drill(Load(seconds: 6, purchasesPerConnection: 1), in: shop, keeper) {
            try await trial.pause(2_000...2_000)
            trial.injected(fault)
            let start = ContinuousClock.now
            try await harm(edge)
            let isTaken = try await eventually(within: .seconds(4)) { try await other.holdsAddress() }
            trial.figure("\(fault): address moved, seconds", (ContinuousClock.now - start).seconds)
            trial.check("the_other_edge_takes_over", isTaken, "\(fault): \(isTaken ? "taken over" : "nobody took over")")
        }
        trial.figure("\(fault): failures, seconds", felt.seconds)
        trial.check("failures_are_short", felt.seconds <= trial.allowed(1.5), "\(fault): \(felt.text)")
        try await mend(edge)
        try await shop.heal()
    }

    private static func killKeepalived(_ edge: Edge) async throws {
        // Its child first, which would take the address away when its parent is gone.
        let child = try await edge.host.run(["cat", "/run/keepalived/vrrp.pid"]).data
        guard let pid = Int32(child.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw SetupFailure("\(edge.name): no pid of VRRP") }
        _ = Glibc.kill(pid, SIGKILL)
        await edge.keepalived.kill()
    }

    private static func silenceVRRP(_ edge: Edge) async throws {
        try await edge.host.mustRun(
            ["nft", "-f", "-"],
            input:
                "table inet drill { chain input { type filter hook input priority 0; ip protocol 112 drop; }; chain output { type filter hook output priority 0; ip protocol 112 drop; }; }\n"
        )
    }

    private static func holders(_ shop: Shop) async throws -> Int {
        var count = 0
        for edge in shop.edges where try await edge.holdsAddress() { count += 1 }
        return count
    }
}
