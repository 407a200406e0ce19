import Foundation
import LoadClient
import NIOHTTP1
import SaleCore
import Testing

/// Webhooks, nodes and settings over operators' REST.
@Suite(.timeLimit(.minutes(3))) struct UpkeepRouteTests {
    @Test func whatAReceiverDidNotTakeIsSentAgainOrSkipped() async throws {
        try await withOperators { operators in
            let ledger = try LedgerUnderTest(url: operators.stores.databaseURL)
            _ = try await ledger.lines("INSERT INTO webhook_cursors (endpoint) VALUES ('erp') RETURNING endpoint")
            _ = try await ledger.lines(
                """
                INSERT INTO webhook_failures (endpoint, turn, id, part, attempts, last_error)
                SELECT 'erp', 1, n, 0, 9, '500' FROM generate_series(1, 3) AS n RETURNING endpoint
                """)
            let list = try await operators.send(.GET, "/admin/v1/webhooks", as: "wall")
            let erp = try #require((list.json["webhooks"] as? [[String: Any]])?.first)
            #expect(erp["endpoint"] as? String == "erp" && erp["given_up"] as? Int == 3 && erp["stopped"] as? Bool == false)
            let failures = try await operators.send(.GET, "/admin/v1/webhooks/erp/failures?limit=2", as: "wall")
            let failed = try #require(failures.json["failures"] as? [[String: Any]])
            #expect(failed.count == 2 && failed[0]["error"] as? String == "500" && failed[0]["retried"] as? Bool == false)

            let id = try #require(failed[0]["id"] as? String)
            for (path, body, found) in [
                ("skip", #"{"reason":"why"}"#, #""events":3"#), ("replay", #"{"reason":"why","event":"\#(id)"}"#, #""events":1"#),
                ("skip", #"{"reason":"why","event":"evt_9-9-0"}"#, #""events":0"#), ("stop", #"{"reason":"why"}"#, #""stopped":false"#),
                ("resume", #"{"reason":"why"}"#, #""stopped":false"#),
            ] {
                let dry = try await operators.send(
                    .POST, "/admin/v1/webhooks/erp/\(path)?dry_run=true", headers: [("Idempotency-Key", "k-1")], body: body)
                #expect(dry.status == 200 && dry.json["dry_run"] as? Bool == true && dry.text.contains(found), "\(path): \(dry.text)")
            }
            #expect((try await operators.send(.GET, "/admin/v1/history").json["history"] as? [Any])?.isEmpty == true)
            let skipped = try await operators.send(
                .POST, "/admin/v1/webhooks/erp/skip", headers: [("Idempotency-Key", "k-1")], body: #"{"reason":"a test order","event":"\#(id)"}"#)
            #expect(skipped.status == 200 && skipped.json["events"] as? Int == 1 && skipped.json["dry_run"] as? Bool == false)
            let again = try await operators.send(
                .POST, "/admin/v1/webhooks/erp/skip", headers: [("Idempotency-Key", "k-1")], body: #"{"reason":"a test order","event":"\#(id)"}"#)
            #expect(again.header("Idempotency-Replayed") == "true" && again.json["events"] as? Int == 1)
            let replayed = try await operators.send(.POST, "/admin/v1/webhooks/erp/replay", body: #"{"reason":"it is back"}"#)
            #expect(replayed.status == 200 && replayed.json["events"] as? Int == 2)
            #expect(try await operators.send(.POST, "/admin/v1/webhooks/erp/stop", body: #"{"reason":"maintenance"}"#).status == 200)
            let stopped = try await operators.send(.GET, "/admin/v1/webhooks")
            #expect((stopped.json["webhooks"] as? [[String: Any]])?.first?["last_error"] as? String == "ada: maintenance")
            #expect(try await operators.send(.POST, "/admin/v1/webhooks/erp/resume", body: #"{"reason":"done"}"#).status == 200)

            for path in ["webhooks/nobody/replay", "webhooks/nobody/stop", "nodes/nobody/drain"] {
                #expect(try await operators.send(.POST, "/admin/v1/\(path)", body: #"{"reason":"why"}"#).status == 404, "\(path)")
            }
            for path in ["webhooks/erp/replay", "webhooks/erp/skip", "webhooks/erp/stop", "webhooks/erp/resume", "nodes/nobody/drain"] {
                #expect(try await operators.send(.POST, "/admin/v1/\(path)", as: "wall", body: #"{"reason":"why"}"#).status == 403, "\(path)")
                #expect(try await operators.send(.POST, "/admin/v1/\(path)", body: "{}").status == 422, "\(path)")
            }

            let history = try await operators.send(.GET, "/admin/v1/history", as: "wall")
            let entries = try #require(history.json["history"] as? [[String: Any]])
            let changes = entries.compactMap { ($0["changes"] as? [String])?.first }
            #expect(
                changes == [
                    "webhook erp served again", "webhook erp stopped", "failed events of webhook erp sent again",
                    "event \(id) of webhook erp skipped",
                ])
            #expect(entries.allSatisfy { $0["sale"] as? String == "" && $0["actor"] as? String == "ada" })
            #expect(entries.first?["reason"] as? String == "done")
        }
    }

    /// Signed as an event is; what the receiver says is told, and stops nothing.
    @Test(arguments: [204, 410]) func aReceiverIsTested(status: Int) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let receiver = WebhookReceiver { _ in .status(status) }
        try await receiver.start()
        let secret = "whsec_" + Data(0..<32 as Range<UInt8>).base64EncodedString()
        try secret.write(toFile: "\(directory.path)/shop.whsec", atomically: true, encoding: .utf8)
        try "- name: shop\n  url: \(receiver.url)\n  secret_file: \(directory.path)/shop.whsec\n".write(
            toFile: "\(directory.path)/hooks.yaml", atomically: true, encoding: .utf8)
        try await withOperators(["SECKILL_WEBHOOKS_FILE": "\(directory.path)/hooks.yaml"]) { operators in
            func shop() async throws -> [String: Any]? {
                (try await operators.send(.GET, "/admin/v1/webhooks").json["webhooks"] as? [[String: Any]])?.first
            }
            _ = try await eventually(for: .seconds(20)) { try await shop() == nil ? nil : true }
            let path = "/admin/v1/webhooks/shop/test"
            let dry = try await operators.send(.POST, path + "?dry_run=true", body: #"{"reason":"a new secret"}"#)
            #expect(dry.status == 200 && dry.json["url"] as? String == receiver.url && receiver.messageCount == 0, "\(dry.text)")
            let answer = try await operators.send(.POST, path, body: #"{"reason":"a new secret"}"#)
            #expect(answer.status == 200 && answer.json["taken"] as? Bool == (status == 204))
            #expect(answer.json["objection"] as? String == (status == 204 ? nil : "answered 410"))
            #expect(receiver.messageCount == 1)
            if let message = receiver.taken.first {
                #expect(message.id.hasPrefix("evt_test-") && message.signatures.count == 1)
                #expect(message.body.hasPrefix("{\"type\":\"webhook.test\",\"timestamp\":\"") && message.body.hasSuffix("\",\"data\":{}}"))
            }
            let after = try await shop()
            #expect(after?["stopped"] as? Bool == false && after?["retrying"] as? Int == 0)
            #expect(try await operators.send(.POST, path, as: "wall", body: #"{"reason":"why"}"#).status == 403)
            let history = try await operators.send(.GET, "/admin/v1/history").json["history"] as? [[String: Any]]
            #expect(history?.first?["changes"] as? [String] == ["test sent to webhook shop"])
            // Known to the books, and to no file of this node.
            let ledger = try LedgerUnderTest(url: operators.stores.databaseURL)
            _ = try await ledger.lines("INSERT INTO webhook_cursors (endpoint) VALUES ('erp') RETURNING endpoint")
            #expect(try await operators.send(.POST, "/admin/v1/webhooks/erp/test", body: #"{"reason":"why"}"#).status == 404)
        }
        await receiver.stop()
    }

    @Test func aNodeIsAskedToDrain() async throws {
        try await withOperators { operators in
            let list = try await operators.service.eventually {
                try await operators.send(.GET, "/admin/v1/nodes", as: "wall")
            } until: {
                ($0.json["nodes"] as? [Any])?.isEmpty == false
            }
            let node = try #require((list.json["nodes"] as? [[String: Any]])?.first?["id"] as? String)
            let dry = try await operators.send(.POST, "/admin/v1/nodes/\(node)/drain?dry_run=true", body: #"{"reason":"a new version"}"#)
            #expect(dry.status == 200 && dry.json["draining"] as? Bool == false && dry.json["ready"] is Bool, "\(dry.text)")
            #expect((try await operators.send(.GET, "/admin/v1/history").json["history"] as? [Any])?.isEmpty == true)
            let answer = try await operators.send(.POST, "/admin/v1/nodes/\(node)/drain", body: #"{"reason":"a new version"}"#)
            #expect(answer.status == 200 && answer.json["node"] as? String == node)
        }
    }

    @Test func settingsAreShownWithoutTheirSecrets() async throws {
        try await withOperators { operators in
            let answer = try await operators.send(.GET, "/admin/v1/settings", as: "wall")
            let settings = try #require(answer.json["settings"] as? [[String: String]])
            let values = Dictionary(settings.map { ($0["name"] ?? "", $0) }) { $1 }
            #expect(values["SECKILL_DATABASE_URL"]?["value"] == "***" && values["SECKILL_REDIS_URL"]?["value"] == "***")
            #expect(values["SECKILL_LIMIT_PER_USER"]?["value"] == "off" && values["SECKILL_ADMIN_HOSTS"]?["value"] == "")
            #expect(values["SECKILL_OPERATORS_FILE"]?["source"] == "set" && values["SECKILL_CORS_ORIGINS"]?["source"] == "default")
            #expect(!answer.text.contains(operators.stores.databaseURL))
        }
    }
}
