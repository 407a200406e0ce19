import Foundation
import Testing

/// Who buys changes while a page is open: it shows the orders of nobody else.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StorefrontBuyerTests {
    private static let errors = Browser.statuses(404, 409)
    /// Nothing of an order is on the page, and it is the same page load.
    private static let isClean =
        "!document.querySelector('[data-field=order], .order-actions, dialog') && !document.querySelector('.won')?.textContent && globalThis.isOld"
    private static let buyer = "document.querySelector('[data-field=buyer]').textContent"

    private func buy(_ browser: Browser, _ shop: Shop, _ sale: String) async throws {
        try await browser.go(to: "\(shop.address)/sales/\(sale)")
        try await browser.waitForState("ready")
        try await browser.run("globalThis.isOld = true")
        try await browser.press("buy")
        try await browser.waitForState("won")
    }

    @Test func `a shop's own script says who buys, where to sign in and where to pay`() async throws {
        try await withShop { shop in
            try await shop.makeSale("own")
            let token = try await shop.seckill("token mint --user ann").trimmingCharacters(in: .whitespacesAndNewlines)
            try await withBrowser(expectingErrors: Self.errors + Browser.statuses(401)) { browser in
                let script = """
                    window.seckill = {
                        token: async () => (window.isOut ? null : "\(token)"),
                        signIn: async () => { window.isOut = false; },
                        payURL: (order) => `/checkout?order=${order.id}`,
                    };
                    """
                try await browser.devTools("Page.addScriptToEvaluateOnNewDocument", ["source": script])
                try await buy(browser, shop, "own")
                #expect(try await browser.count("[data-action=other-buyer]") == 0)
                let link = try #require(try await browser.run("return document.querySelector('a[data-action=pay]').getAttribute('href')") as? String)
                #expect(try await shop.seckill("order list --user ann -o json").contains("\"\(link.replacing("/checkout?order=", with: ""))\""))
                try await browser.run("window.isOut = true; dispatchEvent(new Event('seckill:buyer'))")
                try await browser.waitForState("signed_out")
                try await browser.press("sign-in")
                try await browser.waitForState("won")
            }
        }
    }

    @Test func whoSignsInInAnotherTabFindsNothingOfTheOneBefore() async throws {
        try await withShop { shop in
            try await shop.makeSale("shared")
            try await withBrowser(expectingErrors: Self.errors) { browser in
                try await buy(browser, shop, "shared")
                let name = try await browser.run("return \(Self.buyer)") as? String
                // A question about the order is open.
                try await browser.press("cancel")
                let hidden = try await browser.hide()
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: "document.querySelector('[data-order]')")
                try await browser.run("globalThis.name = \(Self.buyer)")
                try await browser.press("other-buyer")
                try await browser.press("confirm")
                try await browser.waits(for: "\(Self.buyer) && \(Self.buyer) !== globalThis.name && !document.querySelector('[data-order]')")
                try await browser.show(hidden)
                try await browser.waitForState("ready")
                try await browser.waits(for: Self.isClean)
                #expect(try await browser.run("return \(Self.buyer)") as? String != name)
                #expect(try await shop.liveOrders(of: "shared") == 1)
            }
        }
    }

    @Test func whoIsSignedOutLeavesNothingAndComesBackAsSomebodyElse() async throws {
        try await withShop { shop in
            try await shop.makeSale("left")
            try await withBrowser(expectingErrors: Self.errors) { browser in
                try await buy(browser, shop, "left")
                try await browser.run(
                    """
                    const real = window.fetch;
                    window.isRefused = true;
                    window.fetch = (...asked) => window.isRefused && String(asked[0]).includes("/orders")
                        ? Promise.resolve(new Response('{"code":"unauthenticated"}', { status: 401 })) : real(...asked);
                    dispatchEvent(new Event("online"));
                    """)
                try await browser.waitForState("signed_out")
                try await browser.waits(for: Self.isClean)
                try await browser.run("window.isRefused = false")
                try await browser.press("sign-in")
                try await browser.waitForState("ready")
                try await browser.waits(for: Self.isClean)
                try await browser.press("buy")
                try await browser.waitForState("won")
                #expect(try await shop.liveOrders(of: "left") == 2)
            }
        }
    }

    /// A click is for whose it was, however often it is repeated.
    @Test func aPurchaseUnderWayIsNotGoneOnWithForSomebodyElse() async throws {
        try await withShop { shop in
            try await shop.makeSale("between")
            try await withBrowser(expectingErrors: Self.errors) { browser in
                try await browser.go(to: "\(shop.address)/sales/between")
                try await browser.waitForState("ready")
                try await browser.run(
                    """
                    globalThis.isOld = true;
                    const real = window.fetch;
                    // Without a pause: it would ask again within a millisecond.
                    Math.random = () => 0;
                    window.sent = 0;
                    window.fetch = (...asked) => asked[1]?.method === "POST" && String(asked[0]).endsWith("/orders")
                        ? (window.sent += 1, Promise.reject(new TypeError("lost"))) : real(...asked);
                    """)
                try await browser.press("buy")
                try await browser.waits(for: "window.sent > 0")
                // As another tab tells it.
                try await browser.runAsync(
                    """
                    const { token } = await (await fetch("/demo/token", { method: "POST" })).json();
                    localStorage.setItem("seckill:token", token);
                    dispatchEvent(new StorageEvent("storage", { key: "seckill:token", newValue: token }));
                    """)
                try await browser.waitForState("ready")
                try await browser.waits(for: Self.isClean)
                let sent = try await browser.run("return window.sent") as? Int
                try await browser.runAsync("await fetch('/v1/time')")
                #expect(try await browser.run("return window.sent") as? Int == sent)
                #expect(try await browser.run("return \(Browser.card).dataset.state") as? String == "ready")
                #expect(try await shop.liveOrders(of: "between") == 0)
            }
        }
    }
}
