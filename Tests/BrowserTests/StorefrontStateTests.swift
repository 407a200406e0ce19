import Testing

/// Every row of the button's table, reached with the real service.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StorefrontStateTests {
    @Test func aNewcomerBuysWithTwoClicksPaysAndHasReachedTheLimit() async throws {
        try await withShop { shop in
            try await shop.makeSale("one")
            try await withBrowser(expectingErrors: Browser.statuses(409)) { browser in
                try await browser.go(to: shop.address)
                try await browser.click("[data-sale=one] a")
                try await browser.waitForState("ready")
                #expect(try await browser.run("return \(Browser.isLit)") as? Bool == true)
                #expect(try await browser.element("[data-action=buy]").text == "Buy now")
                try await browser.recordStates()
                try await browser.markClickAndSending()
                try await browser.press("buy")
                try await browser.waitForState("won")
                #expect(try await browser.recordedStates.first == "sending")
                let marks = try await browser.marksAfterClick
                // Told, and held to nothing: a busy machine must not fail a test.
                print("from the click to \"sending\" and to its paint, in ms:", marks)
                #expect(marks.count == 2 && marks.allSatisfy { $0 >= 0 }, "from the click to \"sending\" and to its paint, in ms: \(marks)")
                #expect(try await browser.bodyText().contains("It is yours"))
                try await browser.press("pay")
                try await browser.waitForState("limit")
                try await browser.click("[data-sku] [data-field=order]")
                try await browser.waits(for: "document.querySelector('[data-field=state]')?.dataset.state === 'paid'")
                #expect(try await shop.seckill("order list --sale one").contains("paid"))
            }
        }
    }

    @Test func pausedSoldOutBackAndClosedFollowTheService() async throws {
        try await withShop { shop in
            try await shop.makeSale("few", stock: 1)
            try await withBrowser(expectingErrors: Browser.statuses(409, 410)) { buyer in
                try await withBrowser(expectingErrors: Browser.statuses(409, 410)) { other in
                    for browser in [buyer, other] {
                        try await browser.go(to: "\(shop.address)/sales/few")
                        try await browser.waitForState("ready")
                    }
                    try await shop.seckill("sale pause few --reason test")
                    try await other.waitForState("paused")
                    try await shop.seckill("sale resume few --reason test")
                    try await other.waitForState("ready")
                    try await buyer.waitForState("ready")
                    try await buyer.press("buy")
                    try await buyer.waitForState("won")
                    try await other.waitForState("sold_out")
                    #expect(try await other.run("return \(Browser.isLit)") as? Bool == false)
                    #expect(try await other.element("[data-action=buy]").text == "Sold out")
                    try await buyer.press("cancel")
                    try await buyer.press("confirm")
                    try await other.waitForState("ready")
                    #expect(try await shop.liveOrders(of: "few") == 0)
                    try await shop.seckill("sale close few --confirm few")
                    try await other.waitForState("closed")
                }
            }
        }
    }

    /// From the next page load on there is no stream, and while `isDeaf` nobody tells of the sale.
    private static let deafening = """
        const real = window.fetch;
        window.fetch = (...asked) => {
            const path = String(asked[0]);
            if (path.endsWith("/events")) return Promise.resolve(new Response(null, { status: 404 }));
            const isLost = window.isDeaf && path.endsWith("/v1/sales/last");
            return isLost ? Promise.reject(new TypeError("lost")) : real(...asked);
        };
        """

    @Test func aRefusalIsShownAlthoughThePageHopedForMore() async throws {
        try await withShop(["--limit-per-user", "1/1"]) { shop in
            try await shop.makeSale("last", stock: 1)
            try await withBrowser(expectingErrors: Browser.statuses(401, 409, 410, 429)) { browser in
                try await browser.devTools("Page.addScriptToEvaluateOnNewDocument", ["source": Self.deafening])
                try await browser.go(to: "\(shop.address)/sales/last")
                try await browser.waitForState("ready")
                try await browser.recordStates()
                // The page knows nothing new; the service does.
                try await browser.run("window.isDeaf = true")
                try await shop.seckill("sale pause last --reason test")
                try await browser.press("buy")
                try await browser.waitForState("paused")
                #expect(try await browser.recordedStates.first == "sending")
                try await shop.seckill("sale resume last --reason test")
                try await browser.run("window.isDeaf = false")
                try await browser.waitForState("ready", within: .seconds(30))
                try await browser.run("localStorage.setItem('seckill:token', 'nonsense')")
                try await browser.reload()
                try await browser.waitForState("signed_out")
                try await browser.press("sign-in")
                try await browser.waitForState("ready")
                try await browser.press("buy")
                try await browser.waitForState("won")
            }
        }
    }

    @Test func anOrderThatIsAnswered202IsHeldUntilItIsDecided() async throws {
        try await withShop(["--commit-wait", "1ms"]) { shop in
            try await shop.makeSale("slow")
            try await withBrowser { browser in
                try await browser.go(to: "\(shop.address)/sales/slow")
                try await browser.waitForState("ready")
                try await browser.recordStates()
                // Whatever the machine's speed: as if the answer to the first look had not come
                // yet.
                try await browser.run(
                    """
                    const real = window.fetch;
                    window.fetch = async (...asked) => {
                        if (asked[1]?.headers?.Prefer) await new Promise((resume) => setTimeout(resume, 300));
                        const answer = await real(...asked);
                        if (asked[1]?.method !== "POST") return answer;
                        const order = await answer.json();
                        return new Response(JSON.stringify({ ...order, state: "reserved" }), { status: 202, headers: answer.headers });
                    };
                    """)
                try await browser.press("buy")
                try await browser.waitForState("won")
                // A machine that is late refuses for the moment, and the page asks again.
                let states = try await browser.recordedStates
                #expect(states.suffix(3) == ["sending", "held", "won"])
                #expect(states.dropLast(3).allSatisfy { ["sending", "retrying"].contains($0) })
                #expect(try await shop.liveOrders(of: "slow") == 1)
            }
        }
    }

    @Test func anOrderThatIsNotPaidInTimeLetsTheButtonLightAgain() async throws {
        try await withShop { shop in
            try await shop.makeSale("hasty", payWithin: "3s")
            try await withBrowser(expectingErrors: Browser.statuses(409)) { browser in
                try await browser.go(to: "\(shop.address)/sales/hasty")
                try await browser.waitForState("ready")
                try await browser.press("buy")
                try await browser.waitForState("won")
                try await browser.waitForState("ready")
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: "document.querySelector('[data-order]')?.dataset.state === 'expired'")
            }
        }
    }
}
