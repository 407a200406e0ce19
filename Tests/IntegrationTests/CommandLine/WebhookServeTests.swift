import CCrypto
import Foundation
import LoadClient
import NIOHTTP1
import PostgresLedger
import PrivateServers
import SaleCore
import SaleService
import Synchronization
import Testing

/// Webhooks as a merchant gets them: from a real node, over a socket.
@Suite(.timeLimit(.minutes(3))) struct WebhookServeTests {
    private static let secrets = [Array(0..<32 as Range<UInt8>), Array(100..<124 as Range<UInt8>)]

    private static func text(_ secret: [UInt8]) -> String { "whsec_" + Data(secret).base64EncodedString() }

    private struct Shop {
        let shell: OperatorUnderTest
        let node: ServeProcess
        let receiver: WebhookReceiver
        let secretFile: String

        func lag() async throws -> Double? {
            let scrape = try await node.service.send(.GET, "/metrics", base: "http://\(node.service.admin)").text
            let line = scrape.split(separator: "\n").first { $0.hasPrefix("seckill_webhook_lag_seconds{endpoint=\"shop\"}") }
            return line.flatMap { Double($0.split(separator: " ").last ?? "") }
        }
    }

    /// A node with one endpoint, `shop`, of which `rest` says more.
    private func withShop(
        _ rest: String = "", _ reply: @escaping @Sendable (WebhookReceiver.Message) -> WebhookReceiver.Reply = { _ in .status(204) },
        _ body: (Shop) async throws -> Void
    ) async throws {
        try await withOperator { shell in
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let receiver = WebhookReceiver(reply)
            try await receiver.start()
            let secretFile = "\(directory.path)/shop.whsec"
            try Self.text(Self.secrets[0]).write(toFile: secretFile, atomically: true, encoding: .utf8)
            try "- name: shop\n  url: \(receiver.url)\n  secret_file: \(secretFile)\n  types: [order.committed]\n  \(rest)\n".write(
                toFile: "\(directory.path)/hooks.yaml", atomically: true, encoding: .utf8)
            try await shell.apply()
            var environment = shell.seckill.environment
            environment["SECKILL_WEBHOOKS_FILE"] = "\(directory.path)/hooks.yaml"
            let node = try ServeProcess(environment: environment)
            try await node.isReady()
            try await body(Shop(shell: shell, node: node, receiver: receiver, secretFile: secretFile))
            node.command.signal(SIGTERM)
            let outcome = try await node.command.outcome()
            #expect(outcome.status == 0)
            #expect(!outcome.messages.contains("whsec_"))
            await receiver.stop()
        }
    }

    /// libcrypto's one-shot function, which the service does not use.
    private func signature(_ text: String, _ key: [UInt8]) -> String {
        var code = [UInt8](repeating: 0, count: 32)
        var count = 0
        let message = Array(text.utf8)
        // The call keeps nothing of what it is given.
        _ = EVP_Q_mac(nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count, &code, code.count, &count)
        return Data(code).base64EncodedString()
    }

    @Test func anOrderArrivesSignedAlsoWhileSecretsAreReplaced() async throws {
        try await withShop { shop in
            let bought = try await shop.node.service.buy(shop.shell.saleID, sku: "lamp", as: "ann")
            #expect(bought.status == 201)
            let message = try await eventually { shop.receiver.taken.first }
            #expect(message.signatures == [signature(message.signed, Self.secrets[0])])
            let body = try #require(try JSONSerialization.jsonObject(with: Data(message.body.utf8)) as? [String: Any])
            #expect(body["type"] as? String == "order.committed")
            #expect((body["data"] as? [String: Any])?["id"] as? String == bought.id?.description)
            #expect((body["data"] as? [String: Any])?["user"] as? String == "ann")

            let both = [Self.secrets[1], Self.secrets[0]]
            try both.map(Self.text).joined(separator: "\n").write(toFile: shop.secretFile, atomically: true, encoding: .utf8)
            // Within two seconds; what is sent meanwhile is signed with the old one.
            var user = 0
            let signedTwice = try await eventually(for: .seconds(30)) { () -> WebhookReceiver.Message? in
                user += 1
                #expect(try await shop.node.service.buy(shop.shell.saleID, sku: "lamp", as: "user-\(user)").status == 201)
                try await Task.sleep(for: .milliseconds(200))
                return shop.receiver.taken.first { $0.signatures.count == 2 }
            }
            #expect(signedTwice.signatures == both.map { signature(signedTwice.signed, $0) })
            for message in shop.receiver.taken { #expect(message.signatures.contains(signature(message.signed, Self.secrets[0]))) }
        }
    }

    private struct Failures: Decodable {
        struct Failure: Decodable, Sendable {
            var id: String
            var attempts: Int
            var retried: Bool
            var error: String
        }

        var failures: [Failure]
    }

    /// One event is answered with 503 for ever: all others arrive, and an operator is told.
    @Test(arguments: [503, 429]) func anEventThatIsNeverTakenHoldsUpNoOther(status: Int) async throws {
        let poison = Mutex("")
        try await withShop("in_flight: 1\n  retries: [100ms, 200ms]") { message in
            let isPoison = poison.withLock { poison in
                if poison.isEmpty { poison = message.id }
                return poison == message.id
            }
            return .status(isPoison ? status : 204)
        } _: { shop in
            try await shop.shell.commit(1..<8)
            try await eventually(for: .seconds(30)) { shop.receiver.taken.count == 6 ? true : nil }
            let failure = try await eventually(for: .seconds(30)) {
                try await shop.shell.seckill("webhook", "failures", "shop", "-o", "json").json(as: Failures.self).failures.first { !$0.retried }
            }
            #expect(failure.id == poison.withLock { $0 })
            #expect(failure.error == "answered \(status)")
            #expect(failure.attempts == 3)
            let given = shop.node.command.messages.split(separator: "\n").filter { $0.contains("webhook event given up") }
            #expect(given.count == 1 && given[0].contains(poison.withLock { $0 }) && given[0].lowercased().contains("warn"), "\(given)")
            try await expectLists(of: shop.shell, failure: failure)
        }
    }

    /// The lists of webhooks in every form that is no table.
    private func expectLists(of shell: OperatorUnderTest, failure: Failures.Failure) async throws {
        func lines(_ list: String..., format: String) async throws -> [String] {
            let outcome = try await shell.seckill(["webhook"] + list + ["-o", format])
            #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(list): \(outcome)")
            return outcome.data.split(whereSeparator: \.isNewline).map(String.init)
        }
        let endpoints = try await lines("list", format: "csv")
        #expect(endpoints.first == "endpoint,state,node,cursor,lag_seconds,retrying,given_up,last_error" && endpoints.count == 2, "\(endpoints)")
        #expect(endpoints.last?.hasPrefix("shop,failing,") == true, "\(endpoints)")
        let failures = try await lines("failures", "shop", format: "csv")
        #expect(failures.first == "id,attempts,state,failed_at,error" && failures.count == 2, "\(failures)")
        let cells = failures.last?.split(separator: ",").map(String.init) ?? []
        #expect(cells.count == 5 && cells.prefix(3) == [failure.id, "3", "given up"] && cells.last == failure.error, "\(failures)")

        let endpoint = try await lines("list", format: "ndjson")
        #expect(endpoint.count == 1 && endpoint[0].contains(#""endpoint":"shop""#) && endpoint[0].contains(#""given_up":1"#), "\(endpoint)")
        let objects = try await lines("failures", "shop", format: "ndjson")
        #expect(objects.count == 1)
        #expect(try JSONDecoder().decode(Failures.Failure.self, from: Data(objects[0].utf8)).id == failure.id)

        let yaml = try await lines("list", format: "yaml")
        #expect(
            yaml.first == "webhooks:" && yaml.contains { $0.contains("endpoint: shop") } && yaml.contains { $0.contains("given_up: 1") }, "\(yaml)")
        let listed = try await lines("failures", "shop", format: "yaml")
        #expect(listed.first == "failures:" && listed.contains { $0.contains("id: \(failure.id)") }, "\(listed)")
        #expect(try await lines("list", format: "name") == ["shop"])
        #expect(try await lines("failures", "shop", format: "name") == [failure.id])
    }

    @Test func theLagGrowsWhileAReceiverIsLeftAlone() async throws {
        try await withShop("", { _ in .status(503, [("Retry-After", "600")]) }) { shop in
            try await shop.shell.commit(1..<2)
            try await eventually { shop.receiver.messageCount > 0 ? true : nil }
            let first = try await eventually { try await shop.lag().flatMap { $0 > 0 ? $0 : nil } }
            let next = try await eventually { try await shop.lag().flatMap { $0 > first + 1 ? $0 : nil } }
            #expect(next > first + 1)
            #expect(shop.receiver.messageCount == 1)
        }
    }

    /// Somebody's open transaction holds back what is told: the lag says so.
    @Test func theLagGrowsWhileATransactionHoldsTheFeed() async throws {
        try await withShop { shop in
            let holder = PostgresSession(address: try PostgresAddress(shop.shell.databaseURL), profile: .catalog)
            try await holder.script("BEGIN; SELECT pg_current_xact_id()")
            // What the endpoint is not to get is no lag of it, however old it is.
            #expect(try await shop.shell.seckill("sale", "set", shop.shell.sale, "--title", "Other").status == 0)
            try await LedgerUnderTest(url: shop.shell.databaseURL).session.script("UPDATE events SET at = now() - interval '1 hour'")
            try await shop.shell.commit(1..<3)
            let lag = try await eventually { try await shop.lag().flatMap { $0 > 1.5 ? $0 : nil } }
            #expect(lag < 1_800)
            #expect(shop.receiver.messageCount == 0)
            try await holder.script("ROLLBACK")
            try await eventually { shop.receiver.taken.count == 2 ? true : nil }
            try await eventually { try await shop.lag() == 0 ? true : nil }
        }
    }
}
