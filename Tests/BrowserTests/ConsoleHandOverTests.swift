import Foundation
import LoadClient
import LoadSupport
import Synchronization
import Testing

/// What leaves by the console: events to the merchant's systems, orders to a spreadsheet.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConsoleHandOverTests {
    private static let state = "document.querySelector('[data-endpoint=shop] .badge')?.textContent"
    private static let notice = "document.querySelector('.notice').textContent"
    /// Cells of the list of events that were not taken.
    private static let failed = "[...document.querySelectorAll('[data-endpoint=shop] tbody td')].map(cell => cell.textContent)"

    private static func button(_ action: String) -> String { "[data-endpoint=shop] [data-action=\(action)]" }

    @Test func anEndpointThatIsStoppedMissesNothing() async throws {
        try await withEndpoint { console, receiver in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: "#/events")
                try await browser.waits(for: "\(Self.state) === 'served'")
                try await browser.click(Self.button("stop"))
                #expect(try await browser.element("dialog[open] h2").text == "Stop shop?")
                #expect(try await browser.element("dialog[open]").text.contains("Its events are kept for it."))
                try await PageRules.isAccessible(browser)
                try await browser.confirm(reason: "the till is moved")
                try await browser.waits(for: "\(Self.notice) === 'Done.'")
                try await browser.waits(for: "\(Self.state) === 'stopped'")
                try await browser.waits(for: "document.querySelector('[data-endpoint=shop]').textContent.includes('ada: the till is moved')")
                #expect(try await browser.count(Self.button("stop")) == 0)
                let isStopped = "SELECT stopped_at IS NOT NULL FROM webhook_cursors WHERE endpoint = 'shop'"
                #expect(try await console.shop.sql(isStopped) == "t")
                try await console.buy(1)
                try await wouldHaveBeenSent(console)
                #expect(receiver.messageCount == 0)

                try await browser.click(Self.button("resume"))
                #expect(try await browser.element("dialog[open] h2").text == "Serve shop again?")
                #expect(try await browser.element("dialog[open] [data-action=confirm]").text == "Serve again")
                try await browser.confirm(reason: "the till stands")
                try await browser.waits(for: "\(Self.state) === 'served' && document.querySelector('\(Self.button("stop"))')")
                #expect(try await console.shop.sql(isStopped) == "f")
                let orders = try await console.orders()
                let bought = try #require(orders.first)
                let isTold = try await eventually(within: .seconds(20)) { receiver.taken.count == 1 }
                #expect(isTold && receiver.taken.first?.body.contains(bought) == true)

                try await historySays(
                    ["ada stopped the endpoint shop", "the till is moved", "ada had the endpoint shop served again", "the till stands"], browser,
                    console)
            }
        }
    }

    @Test func whatWasNotTakenIsSentAgainOrForgotten() async throws {
        let isBroken = Mutex(true)
        try await withEndpoint { _ in
            .status(isBroken.withLock { $0 } ? 422 : 204)
        } _: { console, receiver in
            try await console.buy(1)
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: "#/events")
                try await browser.waits(for: "\(Self.failed).slice(1, 3).join() === '2,Given up' && \(Self.state) === 'failing'")
                #expect(try await browser.run("return \(Self.failed)[4]") as? String == "answered 422")
                let event = try await browser.run("return \(Self.failed)[0]") as? String
                try await PageRules.isAccessible(browser)
                try await PageRules.isNotClipped(browser)
                try await Screens.keep(browser, "console-failures")

                isBroken.withLock { $0 = false }
                try await browser.click(Self.button("replay"))
                #expect(try await browser.element("dialog[open] h2").text == "Send the failed events of shop again?")
                #expect(try await browser.element("dialog[open] [data-action=confirm]").text == "Retry")
                try await browser.confirm(reason: "the shop was mended")
                try await browser.waits(for: "/^1 event/.test(\(Self.notice))")
                let isTaken = try await eventually(within: .seconds(20)) { receiver.taken.count == 1 }
                #expect(isTaken && receiver.taken.first?.id == event)
                try await browser.waits(for: "\(Self.state) === 'served' && \(Self.failed).length === 0")
                #expect(try await browser.count(Self.button("replay")) == 0)

                isBroken.withLock { $0 = true }
                try await console.buy(1)
                try await browser.waits(for: "\(Self.failed)[2] === 'Given up'")
                let sentCount = receiver.messageCount
                try await browser.click(Self.button("skip"))
                #expect(try await browser.element("dialog[open] h2").text == "Forget the failed events of shop?")
                #expect(try await browser.element("dialog[open]").text.contains("The receiver never hears of them."))
                try await browser.confirm(reason: "the shop asked for it")
                try await browser.waits(for: "\(Self.failed).length === 0 && !document.querySelector('\(Self.button("skip"))')")
                #expect(try await console.shop.sql("SELECT count(*) FROM webhook_failures") == "0")
                try await wouldHaveBeenSent(console)
                #expect(receiver.messageCount == sentCount && receiver.taken.count == 1)

                try await historySays(
                    ["ada sent failed events to shop again", "the shop was mended", "ada gave up failed events of shop", "the shop asked for it"],
                    browser, console)
            }
        }
    }

    @Test func aTestSaysWhatTheReceiverMakesOfIt() async throws {
        let isBroken = Mutex(true)
        try await withEndpoint { _ in
            .status(isBroken.withLock { $0 } ? 422 : 204)
        } _: { console, receiver in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: "#/events")
                try await browser.act(Self.button("test"), reason: "is anybody there")
                try await browser.waits(for: "\(Self.notice) === 'It was not taken: answered 422'")
                isBroken.withLock { $0 = false }
                try await browser.act(Self.button("test"), reason: "and now")
                try await browser.waits(for: "\(Self.notice) === 'The receiver took it.'")
                #expect(receiver.messageCount == 2)
                #expect(receiver.taken.map { $0.body.contains("\"type\":\"webhook.test\"") } == [true])
                // A test is no event: none failed.
                try await browser.waits(for: "\(Self.state) === 'served'")
                #expect(try await console.shop.sql("SELECT count(*) FROM webhook_failures") == "0")
            }
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: "#/events")
                _ = try await browser.element("[data-endpoint=shop]")
                #expect(try await browser.count("[data-endpoint] button") == 0)
            }
        }
    }

    @Test func ordersAreTakenAwayAsTheFiltersSayAndNoCellIsAFormula() async throws {
        let folder = "/tmp/seckill-exports-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withConsole { console in
            try await console.buy(1, as: "=1+1")
            try await console.buy(2)
            let orders = try await console.orders()
            try #require(orders.count == 3)
            try await console.shop.seckill("order cancel \(orders[0]) --reason test")
            try await withBrowser { browser in
                try await browser.saveDownloads(in: folder)
                try await console.signIn(browser, as: "wall", at: "#/orders")
                try await browser.waits(for: "document.querySelectorAll('[data-order]').length === 3")
                let all = try await export(browser, to: folder)
                #expect(all.compactMap { $0["id"] } == orders)

                // What was typed counts, whether it was searched for or not.
                try await browser.element("[name=user]").type("=1+1")
                let ofBuyer = try await export(browser, to: folder)
                #expect(ofBuyer.count == 1 && ofBuyer.first?["id"] == orders[2])
                let cells = ["sale", "sku", "user", "quantity", "unit_price", "currency", "state"].map { ofBuyer.first?[$0] ?? "" }
                #expect(cells == ["demo", "phone-x", "'=1+1", "1", "399900", "CNY", "awaiting_payment"])

                try await browser.run("location.hash = '#/orders?state=cancelled'")
                try await browser.waits(for: "document.querySelectorAll('[data-order]').length === 1")
                let cancelled = try await export(browser, to: folder)
                #expect(cancelled.count == 1 && cancelled.first?["id"] == orders[0] && cancelled.first?["state"] == "cancelled")
            }
        }
    }

    // MARK: Steps

    /// A shop that tells an endpoint `shop` of purchases, and tries twice.
    private func withEndpoint(
        _ reply: @escaping @Sendable (WebhookReceiver.Message) -> WebhookReceiver.Reply = { _ in .status(204) },
        _ body: (ConsoleShop, WebhookReceiver) async throws -> Void
    ) async throws {
        let receiver = WebhookReceiver(reply)
        try await receiver.start()
        let folder = "/tmp/seckill-hooks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "whsec_\(Data(0..<32).base64EncodedString())\n".write(toFile: "\(folder)/shop.whsec", atomically: true, encoding: .utf8)
        let file = """
            - name: shop
              url: \(receiver.url)
              secret_file: \(folder)/shop.whsec
              types: [order.committed]
              retries: [100ms]

            """
        try file.write(toFile: "\(folder)/hooks.yaml", atomically: true, encoding: .utf8)
        try await withConsole(["--webhooks-file", "\(folder)/hooks.yaml"]) { console in
            try await body(console, receiver)
        }
        await receiver.stop()
    }

    /// Waits until the last order is as old as an event never is before it is sent.
    private func wouldHaveBeenSent(_ console: ConsoleShop) async throws {
        try await eventually(within: .seconds(20)) {
            try await console.shop.sql("SELECT now() - max(created_at) > interval '2 s' FROM orders") == "t"
        }
    }

    /// What the audit trail holds, as the page of the history tells it.
    private func historySays(_ texts: [String], _ browser: Browser, _ console: ConsoleShop) async throws {
        try await browser.go(to: console.address + "#/history")
        _ = try await browser.element("[data-command]")
        let said = try await browser.bodyText()
        for text in texts { #expect(said.contains(text), "\(said)") }
    }

    /// Presses the button, and reads what was saved: a row for each order, its cells by their
    /// names.
    private func export(_ browser: Browser, to folder: String) async throws -> [[String: String]] {
        try await browser.click("[data-action=export]")
        var saved: String?
        try await eventually(within: .seconds(20)) {
            saved = try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".csv") }
            return saved != nil
        }
        let name = try #require(saved)
        #expect(name.wholeMatch(of: #/orders-\d{4}(?:-\d\d){5}\.csv/#) != nil, "\(name)")
        let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        let lines: [[String]] = text.split(separator: "\r\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let names = try #require(lines.first)
        return lines.dropFirst().map { cells in Dictionary(uniqueKeysWithValues: zip(names, cells)) }
    }
}
