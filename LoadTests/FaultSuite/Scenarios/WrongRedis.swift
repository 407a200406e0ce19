import Foundation
import LoadClient
import LoadSupport
import PrivateServers

extension Scenario {
    static let wrongRedis = [
        Scenario(
            "T52", "a Redis that answers wrongly: part of a cluster, an ACL that forbids our keys or scripts, a key of another type",
            bar: "not ready, one line with the store's words, and sells again once it is mended", redisAnswersWrongly)
    ]

    private static func redisAnswersWrongly(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 1_000))) { stack in
            try await withWebClient { client in
                let node = stack.nodes[0]
                func buy(_ user: String) async throws -> String {
                    let summary = try await node.buy(client, user: user).summary
                    trial.answered(summary)
                    return summary
                }
                _ = try await buy("first")
                let faults: [(name: String, words: String, break: [String], mend: [String])] = [
                    (
                        "an ACL that forbids our keys", "NOPERM", ["ACL SETUSER default resetkeys ~other:*"],
                        ["ACL SETUSER default allkeys"]
                    ),
                    (
                        "an ACL that forbids our scripts", "NOPERM", ["ACL SETUSER default -eval -evalsha"],
                        ["ACL SETUSER default +eval +evalsha"]
                    ),
                    (
                        "a key of another type", "WRONGTYPE", ["DEL seckill:{flash:0}:stock", "SET seckill:{flash:0}:stock x"],
                        ["DEL seckill:{flash:0}:stock"]
                    ),
                ]
                for fault in faults {
                    let linesBefore = node.logLines(saying: fault.words)
                    trial.injected(fault.name)
                    for command in fault.break { _ = try await stack.redis.command(command) }
                    let isNoticed = try await eventually(within: .seconds(10)) { try await !node.isReady() }
                    trial.check("not_ready", isNoticed, isNoticed ? "503" : "\(fault.name): /readyz says ready")
                    // Long enough for many looks.
                    for number in 0..<30 {
                        _ = try await buy("\(fault.words)-\(number)")
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    let lines = node.logLines(saying: fault.words) - linesBefore
                    trial.figureMax("log_lines_per_outage", Double(lines))
                    trial.check("the_log_says_why_and_not_for_ever", (1...4).contains(lines), "\(fault.name): \(lines) lines with \(fault.words)")
                    for command in fault.mend { _ = try await stack.redis.command(command) }
                    let isBack = try await eventually(within: .seconds(15)) {
                        let (isReady, summary) = (
                            try await node.isReady(), try await buy("after-\(fault.words)-\(UInt32.random(in: 0...UInt32.max))")
                        )
                        return isReady && summary.hasPrefix("201")
                    }
                    trial.check("sells_once_it_is_mended", isBack, isBack ? "201" : "\(fault.name): nothing is sold any more")
                }
                try await refusesCluster(trial, stack)
                let (audit, _) = try await stack.comeToRest(soldOut: false)
                trial.check("units_conserved", audit.isAtRest, audit.summary)
            }
        }
    }

    private static func refusesCluster(_ trial: Trial, _ stack: Stack) async throws {
        let cluster = try RedisServer(directory: "\(trial.directory)/cluster", settings: ["cluster-enabled yes"])
        try await cluster.start()
        trial.injected("a Redis in cluster mode")
        let outcome = try await stack.seckill(
            [
                "serve", "--auth", "trusted-header", "--redis-url", "redis://127.0.0.1:\(cluster.port)", "--bind", "127.0.0.1:0", "--admin-bind",
                "127.0.0.1:0",
            ])
        let lines = outcome.messages.split(separator: "\n").filter { $0.contains("cluster") }
        trial.check("a_cluster_is_refused_at_the_start", outcome.status == 6 && lines.count == 1, "exit \(outcome.status), \(lines)")
        await cluster.kill()
    }
}

extension NodeProcess {
    fileprivate func logLines(saying words: String) -> Int {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").count { $0.contains(words) }
    }
}
