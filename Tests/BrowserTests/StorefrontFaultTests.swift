import Testing

/// Answers that are lost, a service that dies, a browser that is cut off: one order at most.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StorefrontFaultTests {
    private static let expected = Browser.statuses(409) + Browser.lost

    /// From now on so many answers to purchases are lost behind the service, which has done its
    /// work.
    private static func losing(_ count: Int) -> String {
        """
        const real = window.fetch;
        window.keys = [];
        window.lost = 0;
        window.fetch = async (...asked) => {
            const isPurchase = asked[1]?.method === "POST" && String(asked[0]).endsWith("/orders");
            if (isPurchase) window.keys.push(asked[1].headers["Idempotency-Key"]);
            const answer = await real(...asked);
            if (!isPurchase || window.lost >= \(count)) return answer;
            window.lost += 1;
            throw new TypeError("lost");
        };
        """
    }

    @Test func threeLostAnswersAndAPageLoadMakeOneOrder() async throws {
        try await withShop { shop in
            try await shop.makeSale("lossy", limit: 5)
            try await withBrowser(expectingErrors: Self.expected) { browser in
                try await browser.go(to: "\(shop.address)/sales/lossy")
                try await browser.waitForState("ready")
                try await browser.run(Self.losing(1_000))
                try await browser.press("buy")
                try await browser.waits(for: "window.lost >= 3")
                let keys = try #require(try await browser.run("return window.keys") as? [String])
                #expect(Set(keys).count == 1)
                #expect(try await browser.run("return \(Browser.isLit)") as? Bool == false)
                try await browser.reload()
                // The order is there, and the page finds it; or it is asked for under the same key.
                try await browser.waits(for: "['won', 'ready', 'retrying'].includes(\(Browser.card)?.dataset.state)")
                // In one step: between a look and a click the page may have found the order.
                try await browser.run("if (\(Browser.isLit)) \(Browser.card).querySelector('[data-action=buy]').click()")
                try await browser.waitForState("won")
                #expect(try await shop.liveOrders(of: "lossy") == 1)
            }
        }
    }

    @Test func aServiceThatDiesWhileItIsAskedSellsOnce() async throws {
        let shop = try await Shop.open()
        try await shop.makeSale("dying", limit: 5)
        var last = shop
        do {
            // A service that ends, and one that begins, says 503.
            try await withBrowser(expectingErrors: Self.expected + Browser.statuses(503)) { browser in
                try await browser.go(to: "\(shop.address)/sales/dying")
                try await browser.waitForState("ready")
                try await browser.run(Self.losing(1))
                try await browser.press("buy")
                try await browser.waits(for: "window.lost === 1")
                last = try await shop.reopened()
                try await browser.waits(
                    for: "\(Browser.card).dataset.state === 'won' || \(Browser.isLit)", within: .seconds(60))
                // In one step: between a look and a click the page may have found the order.
                try await browser.run("if (\(Browser.isLit)) \(Browser.card).querySelector('[data-action=buy]').click()")
                try await browser.waitForState("won", within: .seconds(40))
                let keys = try #require(try await browser.run("return window.keys") as? [String])
                #expect(Set(keys).count == 1)
                #expect(try await last.liveOrders(of: "dying") == 1)
            }
        } catch {
            try? await last.close()
            throw error
        }
        try await last.close()
    }

    @Test func whoIsCutOffBuysOnceWhenTheLineIsBack() async throws {
        try await withShop { shop in
            try await shop.makeSale("tunnel", limit: 5)
            try await withBrowser(expectingErrors: Self.expected) { browser in
                try await browser.go(to: "\(shop.address)/sales/tunnel")
                try await browser.waitForState("ready")
                try await browser.setOffline(true)
                try await browser.waits(for: "document.querySelector('[data-field=connection]').textContent === 'No connection'")
                try await browser.press("buy")
                try await browser.waitForState("retrying")
                #expect(try await browser.run("return \(Browser.button).getAttribute('aria-busy')") as? String == "true")
                try await browser.setOffline(false)
                try await browser.waitForState("won")
                #expect(try await shop.liveOrders(of: "tunnel") == 1)
            }
        }
    }

    @Test func whoComesBackSeesWhatHoldsNow() async throws {
        try await withShop { shop in
            try await shop.makeSale("away")
            try await withBrowser(expectingErrors: Self.expected) { browser in
                try await browser.go(to: "\(shop.address)/sales/away")
                try await browser.waitForState("ready")
                let hidden = try await browser.hide()
                try await shop.seckill("sale pause away --reason test")
                try await browser.show(hidden)
                try await browser.waitForState("paused")
                try await browser.setOffline(true)
                try await shop.seckill("sale resume away --reason test")
                try await browser.setOffline(false)
                try await browser.waitForState("ready")
            }
        }
    }
}
