import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1
import Testing

/// A shop whose console knows two operators: `ada` (operator) and `wall` (viewer).
struct ConsoleShop: Sendable {
    let shop: Shop
    let tokens: [String: String]

    var address: String { "\(shop.admin)/console/" }

    /// Types the token as a person does.
    func signIn(_ browser: Browser, as name: String, at route: String = "") async throws {
        try await browser.go(to: address + route)
        try await browser.element("input[name=token]").type((tokens[name] ?? name) + Key.enter)
    }

    /// The orders of the sample sale, the newest first.
    func orders() async throws -> [String] {
        try await shop.sql("SELECT id FROM orders ORDER BY id DESC").split(separator: "\n").map(String.init)
    }

    /// Buys so many units, each for another buyer unless one is named.
    func buy(_ count: Int, sku: String = "phone-x", as buyer: String? = nil) async throws {
        for _ in 0..<count {
            let user = buyer ?? "buyer-\(UInt32.random(in: .min ... .max))"
            let token = try await shop.seckill("token mint --user '\(user)'").trimmingCharacters(in: .whitespacesAndNewlines)
            let headers = [
                ("Authorization", "Bearer \(token)"), ("Content-Type", "application/json"), ("Prefer", "wait=20"),
                ("Idempotency-Key", UUID().uuidString),
            ]
            var answer: WebResponse?
            // As every client must: a machine that is late says so.
            try await eventually(within: .seconds(30), every: .milliseconds(500)) {
                answer = try await WebClient.shared.execute(
                    .POST, "\(shop.address)/v1/sales/demo/orders", headers: headers, body: "{\"sku\":\"\(sku)\",\"quantity\":1}",
                    timeout: .seconds(30))
                return answer?.status != 503
            }
            #expect(answer?.status == 201, "\(answer?.text ?? "")")
        }
    }
}

/// - Parameter flags: of `up`, besides those that name the operators.
func withConsole<Value>(_ flags: [String] = [], _ body: (ConsoleShop) async throws -> Value) async throws -> Value {
    let file = "/tmp/seckill-operators-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let seckill = Subprocess(try Subprocess.built("seckill"))
    var tokens: [String: String] = [:]
    for (name, role) in [("ada", "operator"), ("wall", "viewer")] {
        tokens[name] = try await seckill.succeed(["operator", "add", name, "--role", role, "--file", file]).data
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return try await withShop(["--operators-file", file, "--limit-per-ip", "off"] + flags) { shop in
        try await body(ConsoleShop(shop: shop, tokens: tokens))
    }
}

/// What an operator does in a dialog.
extension Browser {
    func act(_ button: String, reason: String) async throws {
        try await click(button)
        try await confirm(reason: reason)
    }

    func confirm(reason: String) async throws {
        try await element("dialog[open] [name=reason]").type(reason)
        try await click("dialog[open] button[data-action=confirm]")
    }
}
