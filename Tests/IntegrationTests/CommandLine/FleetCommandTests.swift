import Foundation
import NIOCore
import NIOHTTP1
import PrivateServers
import Testing

/// Nodes, events and webhooks as an operator has them: real processes, over a Redis of their own,
/// for nodes that share one are one fleet.
@Suite(.timeLimit(.minutes(3))) struct FleetCommandTests {
    private func withFleet(_ body: (OperatorUnderTest, PrivateRedis) async throws -> Void) async throws {
        try await withOwnRedis { redis, _ in
            try await withPostgres { url in
                let seckill = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": url])
                let migration = try await seckill("migrate")
                try #require(migration.status == 0, "\(migration.messages)")
                try await body(OperatorUnderTest(seckill: seckill, sale: "fleet", redisURL: redis.url, databaseURL: url), redis)
            }
        }
    }

    private func nodes(_ shell: OperatorUnderTest) async throws -> [[String: Any]] {
        try await shell.seckill("node", "list", "-o", "json").json()["nodes"] as? [[String: Any]] ?? []
    }

    @Test func nodesAreListedObeyAndDrain() async throws {
        try await withFleet { shell, _ in
            try await shell.apply()
            #expect(try await nodes(shell).isEmpty)
            let first = try ServeProcess(environment: shell.seckill.environment)
            let second = try ServeProcess(environment: shell.seckill.environment)
            try await eventually { try await nodes(shell).count { $0["ready"] as? Bool == true } == 2 ? true : nil }
            #expect(try await shell.seckill("node", "list", "-o", "name").data.split(separator: "\n").count == 2)
            let csv = try await shell.seckill("node", "list", "-o", "csv").data
            #expect(csv.hasPrefix("name,address,") && csv.split(separator: "\r\n").count == 3, "\(csv)")
            #expect(try await shell.seckill("node", "list", "-o", "ndjson").data.split(separator: "\n").count == 2)
            #expect(try await shell.seckill("node", "list", "-o", "wide").data.contains("ADMIN ADDRESS"))
            for change in [
                ["sale", "set", shell.sale, "--title", "Other"], ["item", "set", "--sale", shell.sale, "--sku", "lamp", "--limit", "2"],
                ["stock", "add", "--sale", shell.sale, "--sku", "lamp", "1"], ["stock", "add", "--sale", shell.sale, "--sku", "lamp", "--", "-1"],
            ] {
                let outcome = try await shell.seckill(change)
                #expect(outcome.status == 0 && outcome.data.contains("obeyed by 2 of 2 nodes"), "\(change): \(outcome)")
            }
            let foreseen = try await shell.seckill("sale", "set", shell.sale, "--title", "Foreseen", "--dry-run")
            #expect(foreseen.status == 0 && !foreseen.data.contains("obeyed"), "\(foreseen)")
            let applied = try await shell.seckill("sale", "apply", "-f", "-", input: shell.yaml)
            #expect(applied.status == 0 && applied.data.contains("obeyed by 2 of 2 nodes"), "\(applied)")
            let items = "sku,title,unit_price,currency,stock,limit_per_user\nlamp,Lamp,1999,EUR,100,2\n"
            let loaded = try await shell.seckill("stock", "load", "--sale", shell.sale, "-f", "-", input: items)
            #expect(loaded.status == 0 && loaded.data.contains("obeyed by 2 of 2 nodes"), "\(loaded)")
            // Nobody has anything to obey where nothing changes.
            _ = try await shell.seckill("sale", "apply", "-f", "-", input: shell.yaml)
            for (again, input) in [
                (["sale", "apply", "-f", "-"], shell.yaml), (["sale", "apply", "-f", "-", "-o", "json"], shell.yaml),
                (["stock", "load", "--sale", shell.sale, "-f", "-"], items.replacing(",2\n", with: ",1\n")),
                (["item", "set", "--sale", shell.sale, "--sku", "lamp", "--limit", "1"], ""), (["sale", "set", shell.sale, "--title", "Lamps"], ""),
            ] as [([String], String)] {
                let outcome = try await shell.seckill(again, input: input)
                #expect(outcome.status == 0 && !outcome.data.contains("obey") && !outcome.messages.contains("obey"), "\(again): \(outcome)")
                #expect(outcome.messages.contains("nothing to change") == !again.contains("json"), "\(again): \(outcome)")
            }
            let twice = try await shell.seckill("sale", "resume", shell.sale)
            #expect(twice.status == 0 && twice.data.contains("obeyed by 2 of 2 nodes"), "\(twice)")
            let paused = try await shell.seckill("sale", "pause", shell.sale)
            #expect(paused.status == 0 && paused.data.contains("2 of 2 nodes"), "\(paused)")
            let resumed = try await shell.seckill("sale", "resume", shell.sale, "-o", "json")
            #expect(resumed.messages.contains("2 of 2 nodes"), "\(resumed)")
            #expect(try resumed.json()["changes"] != nil)
            let top = try await shell.seckill("top", "--once", "--sale", shell.sale)
            #expect(top.status == 0 && top.data.contains("2 of 2 nodes ready") && top.data.contains("100 left of 100"), "\(top)")

            let leaving = try #require(try await nodes(shell).first { "\($0["address"]!)".hasSuffix(":\(first.port)") }?["name"] as? String)
            #expect(try await shell.seckill("node", "drain", "nobody").status == 3)
            #expect(try await shell.seckill("node", "drain", "nobody", "--dry-run").status == 3)
            let dry = try await shell.seckill("node", "drain", leaving, "--dry-run")
            #expect(dry.status == 0 && dry.messages.hasPrefix("\(leaving), which is ready, would be asked to drain"), "\(dry)")
            #expect(try await nodes(shell).allSatisfy { $0["draining"] as? Bool == false })
            #expect(try await !shell.seckill("history", "-o", "csv").data.contains("asked to drain"))
            #expect(try await shell.seckill("node", "drain", leaving).status == 0)
            #expect(try await first.command.outcome().status == 0)
            try await eventually { try await nodes(shell).count == 1 ? true : nil }
            let closed = try await shell.seckill("sale", "close", shell.sale, "--confirm", shell.sale)
            #expect(closed.data.contains("1 of 1 nodes"), "\(closed)")
            second.command.signal(SIGTERM)
            #expect(try await second.command.outcome().status == 0)
        }
    }

    private func name(of process: ServeProcess, _ shell: OperatorUnderTest) async throws -> String {
        try #require(try await nodes(shell).first { "\($0["address"]!)".hasSuffix(":\(process.port)") }?["name"] as? String)
    }

    /// It is heard of for five seconds, and whoever waits for longer must not take it for gone.
    @Test func aNodeThatStandsStillIsNamedAndTheLastOneIsNotDrainedUnasked() async throws {
        try await withFleet { shell, _ in
            try await shell.apply()
            let first = try ServeProcess(environment: shell.seckill.environment)
            let second = try ServeProcess(environment: shell.seckill.environment)
            try await eventually { try await nodes(shell).count { $0["ready"] as? Bool == true } == 2 ? true : nil }
            let (stuck, good) = (try await name(of: first, shell), try await name(of: second, shell))
            first.command.signal(SIGSTOP)
            let paused = try await shell.seckill("sale", "pause", shell.sale, "--wait", "7s", "-o", "json")
            #expect(paused.status == 6 && paused.messages.contains("error: the change stands"), "\(paused)")
            #expect(paused.messages.contains("obeyed by 1 of 2 nodes; not by \(stuck), last heard of "), "\(paused)")
            #expect(try paused.json()["obeyed"] as? [String] == [good])
            #expect(try paused.json()["not_obeyed"] as? [String] == [stuck])
            #expect(try await shell.seckill("sale", "show", shell.sale, "-o", "json").json()["status"] as? String == "paused")
            let doctor = try await shell.seckill("doctor", "-o", "wide")
            #expect(doctor.status == 7 && doctor.data.contains("silent: \(stuck)"), "\(doctor)")

            let refused = try await shell.seckill("node", "drain", good)
            #expect(refused.status == 2 && refused.messages.contains("--confirm \(good)"), "\(refused)")
            #expect(try await shell.seckill("node", "drain", good, "--confirm", stuck).status == 2)
            first.command.signal(SIGCONT)
            try await eventually { try await nodes(shell).count { $0["ready"] as? Bool == true } == 2 ? true : nil }
            let resumed = try await shell.seckill("sale", "resume", shell.sale, "--wait", "20s")
            #expect(resumed.status == 0 && resumed.data.contains("obeyed by 2 of 2 nodes\n"), "\(resumed)")
            let unawaited = try await shell.seckill("sale", "set", shell.sale, "--title", "Other", "--wait", "0s")
            #expect(unawaited.status == 0 && unawaited.data.contains("not waited for"), "\(unawaited)")

            #expect(try await shell.seckill("node", "drain", stuck, "--reason", "it stood still").status == 0)
            #expect(try await first.command.outcome().status == 0)
            try await eventually { try await nodes(shell).count == 1 ? true : nil }
            #expect(try await shell.seckill("node", "drain", good, "--confirm", good).status == 0)
            #expect(try await second.command.outcome().status == 0)
            let history = try await shell.seckill("history", "-o", "csv").data
            #expect(history.contains("node \(stuck) asked to drain") && history.contains(",it stood still,"), "\(history)")
            #expect(history.contains("node \(good) asked to drain"), "\(history)")
        }
    }

    /// A Redis user who may do all that purchases need, and not say that the node is there.
    @Test func aNodeWhoseHeartbeatsFailSellsAllTheSame() async throws {
        try await withFleet { shell, redis in
            try await shell.apply()
            for command in [
                "ACL SETUSER plain on >hush ~seckill:{* ~seckill:timelines ~seckill:changes* resetchannels +@all", "HSET seckill:node:x a b",
            ] { try await redis.command(command) }
            var environment = shell.seckill.environment
            environment["SECKILL_REDIS_URL"] = redis.url.replacing("redis://", with: "redis://plain:hush@")
            let node = try ServeProcess(environment: environment)
            try await node.isReady()
            #expect(try await node.service.buy(shell.saleID, sku: "lamp", as: "ann").status == 201)
            try await Task.sleep(for: .seconds(2))
            #expect(try await nodes(shell).isEmpty)
            #expect(try await shell.seckill("sale", "pause", shell.sale).data.contains("0 of 0 nodes"))
            node.command.signal(SIGTERM)
            #expect(try await node.command.outcome().status == 0)
        }
    }

    /// Under the id that whoever asked was told.
    @Test func aFailureOfTheAdminPortIsInTheAccessLog() async throws {
        try await withFleet { shell, redis in
            let node = try ServeProcess(environment: shell.seckill.environment)
            try await node.isReady()
            let admin = "http://\(node.service.admin)"
            #expect(try await node.service.send(.GET, "/admin/v1/nodes", base: admin).status == 200)
            await redis.kill()
            let failed = try await eventually {
                let answer = try await node.service.send(.GET, "/admin/v1/nodes", base: admin)
                return answer.status == 503 ? answer : nil
            }
            let id = try #require(failed.header("X-Request-Id"))
            let line = try await eventually {
                node.command.messages.split(separator: "\n").first { $0.contains(id) && $0.contains("/admin/v1/nodes") }
            }
            #expect(["503", "GET", failed.code ?? "-"].allSatisfy { line.contains($0) }, "\(line)")
            node.command.signal(SIGTERM)
            _ = try await node.command.outcome()
        }
    }

    @Test func eventsAreListedFollowedAndSent() async throws {
        try await withFleet { shell, _ in
            try await shell.apply()
            try await shell.commit(1..<4)
            let lines = try await shell.seckill("events", "-o", "ndjson")
            let events = try lines.data.split(separator: "\n").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
            #expect(events.compactMap { $0["type"] as? String } == ["sale.changed", "stock.changed"] + Array(repeating: "order.committed", count: 3))
            let second = try #require(events[2]["id"] as? String)
            let rest = try await shell.seckill("events", "--after", second, "--type", "order.committed,order.paid", "-o", "json").json()
            #expect((rest["events"] as? [[String: Any]])?.count == 2)
            let next = try #require(rest["next"] as? String)
            #expect(try await shell.seckill("events", "--after", next, "-o", "ndjson").data.isEmpty)
            #expect(try await shell.seckill("events", "--limit", "1", "-o", "ndjson").data.split(separator: "\n").count == 1)
            #expect(try await shell.seckill("events").data.contains("order.committed"))
            for wrong in [["--after", "yesterday"], ["--type", "order.odd"], ["--follow", "-o", "json"], ["--limit", "0"]] {
                #expect(try await shell.seckill(["events"] + wrong).status == 2, "\(wrong)")
            }
            // Ends when nobody reads any more.
            let head = try await shell.seckill.shell("$SECKILL events --follow -o ndjson | head -n 2")
            #expect(head.data.split(separator: "\n").count == 2)

            #expect(try await shell.seckill("webhook", "list").status == 0)
            #expect(try await shell.seckill("webhook", "failures", "nobody").status == 3)
            #expect(try await shell.seckill("webhook", "replay", "nobody").status == 3)
            #expect(try await shell.seckill("webhook", "resume", "nobody").status == 3)
        }
    }

    @Test(arguments: ["http://shop.example/", "nonsense"]) func aWebhookThatMayNotBeStopsTheStart(url: String) async throws {
        try await withFleet { shell, _ in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            try "whsec_\(Data(0..<32).base64EncodedString())".write(toFile: "\(directory.path)/secret", atomically: true, encoding: .utf8)
            try "- {name: shop, url: \"\(url)\", secret_file: \(directory.path)/secret}".write(
                toFile: "\(directory.path)/hooks.yaml", atomically: true, encoding: .utf8)
            let outcome = try await shell.seckill(
                "serve", "--webhooks-file", "\(directory.path)/hooks.yaml", "--bind", "127.0.0.1:0", "--auth", "trusted-header")
            #expect(outcome.status == 2 && outcome.messages.contains("SECKILL_WEBHOOKS_FILE"), "\(outcome)")
        }
    }
}
