import Testing

/// What people see, hear and press, in both languages, wide and narrow, light and dark.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StorefrontLookTests {
    private static let looks = [
        Browser.Look(language: "zh-CN"), Browser.Look(language: "en", isDark: true), Browser.Look(language: "en", width: 320, height: 700),
        Browser.Look(language: "zh-CN", isDark: true, width: 360, height: 740, prefersReducedMotion: true),
    ]

    @Test func everyPageIsReadableByEverybody() async throws {
        try await withShop { shop in
            try await shop.makeSale("coming", title: "A title so long that it has to go on in the next line", opensAt: "2035-01-01T00:00:00Z")
            try await shop.makeSale("over")
            try await shop.seckill("sale close over --confirm over")
            for look in Self.looks {
                try await withBrowser(look, expectingErrors: Browser.statuses(409) + Browser.lost) { browser in
                    let name = "\(look.language)-\(look.isDark ? "dark" : "light")-\(look.width)"
                    func check(_ page: String) async throws {
                        try await PageRules.isAccessible(browser)
                        try await PageRules.isNotClipped(browser)
                        try await Screens.keep(browser, "storefront-\(page)-\(name)")
                    }
                    try await browser.go(to: shop.address)
                    try await browser.waits(for: "document.querySelector('[data-group=ended]')")
                    #expect(try await browser.run("return document.documentElement.lang") as? String == look.language)
                    try await check("list")
                    try await browser.go(to: "\(shop.address)/sales/coming")
                    try await browser.waitForState("waiting")
                    try await check("waiting")
                    try await browser.go(to: "\(shop.address)/sales/demo")
                    try await browser.waits(for: "document.querySelector('[data-sku=phone-x]')?.dataset.state === 'ready'")
                    try await check("ready")
                    let buy = try await browser.element("[data-sku=phone-x] [data-action=buy]")
                    #expect(try await buy.role == "button")
                    #expect(try await buy.label == (look.language == "en" ? "Buy now" : "立即抢购"))
                    try await buy.click()
                    try await browser.waits(for: "document.querySelector('[data-sku=phone-x]').dataset.state === 'won'")
                    #expect(try await browser.bodyText().contains(look.language == "en" ? "It is yours" : "抢到了"))
                    try await check("won")
                    // Not by the pointer, which lies where the button that bought was.
                    try await browser.run("document.querySelector('[data-action=cancel]').click()")
                    try await check("question")
                    try await browser.press("keep")
                    try await browser.press("pay")
                    try await browser.waits(for: "document.querySelector('[data-sku=phone-x] .won').textContent.includes('✓')")
                    try await check("paid")
                    try await browser.setOffline(true)
                    try await browser.waits(for: "document.querySelector('.banner').textContent")
                    try await check("lost")
                    try await browser.setOffline(false)
                    try await browser.go(to: "\(shop.address)/orders")
                    try await browser.waits(for: "document.querySelector('[data-order]')")
                    try await check("orders")
                    try await browser.click("[data-order] a")
                    try await browser.waits(for: "document.querySelector('[data-field=state]')")
                    try await check("order")
                }
            }
        }
    }

    @Test func theKeyboardAloneBuysAndCancels() async throws {
        try await withShop { shop in
            try await shop.makeSale("keys")
            try await withBrowser(expectingErrors: Browser.statuses(409)) { browser in
                try await browser.go(to: "\(shop.address)/sales/keys")
                try await browser.waitForState("ready")
                // Skip link, brand, sales, orders, language, button.
                for _ in 1...6 { try await browser.type(Key.tab) }
                #expect(try await browser.run("return document.activeElement.dataset.action") as? String == "buy")
                try await browser.type(Key.enter)
                try await browser.waitForState("won")
                #expect(try await browser.run("return document.activeElement.textContent") as? String == "It is yours")
                try await browser.type(Key.tab)
                #expect(try await browser.run("return document.activeElement.dataset.action") as? String == "pay")
                try await browser.type(Key.tab + Key.enter)
                try await browser.waits(for: "document.querySelector('dialog[open]')")
                try await browser.type(Key.escape)
                try await browser.waits(for: "!document.querySelector('dialog')")
                #expect(try await browser.run("return document.activeElement.dataset.action") as? String == "cancel")
                try await browser.type(Key.enter)
                try await browser.waits(for: "document.querySelector('dialog[open]')")
                try await browser.type(Key.tab + Key.enter)
                try await browser.waitForState("ready")
                #expect(try await browser.run("return document.activeElement.textContent") as? String == "Cancelled")
                #expect(try await browser.run("return document.querySelector('[role=status]').textContent") as? String == "Cancelled")
                try await browser.type(Key.tab)
                #expect(try await browser.run("return document.activeElement.dataset.action") as? String == "buy")
            }
        }
    }

    @Test func `a list of orders keeps its rows and the focus when it is looked at again`() async throws {
        try await withShop { shop in
            try await shop.makeSale("many", stock: 50, limit: 50)
            try await withBrowser(expectingErrors: Browser.statuses(429)) { browser in
                try await browser.go(to: "\(shop.address)/sales/many")
                try await browser.waitForState("ready")
                try await browser.waits(for: "localStorage.getItem('seckill:token')")
                let count =
                    try await browser.runAsync(
                        """
                        const headers = { Authorization: `Bearer ${localStorage.getItem("seckill:token")}`, "Content-Type": "application/json" };
                        let count = 0;
                        while (count < 25) {
                            const options = { method: "POST", headers: { ...headers, "Idempotency-Key": `k${count}` }, body: '{"sku":"item-a","quantity":1}' };
                            const { status } = await fetch("/v1/sales/many/orders", options);
                            if (status < 300) count += 1;
                            else await new Promise((resume) => setTimeout(resume, 1000));
                        }
                        return count;
                        """) as? Int
                #expect(count == 25)
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: "document.querySelectorAll('[data-order]').length === 20")
                try await browser.press("more")
                try await browser.waits(for: "document.querySelectorAll('[data-order]').length === 25")
                let focused = "document.activeElement.closest('[data-order]')"
                #expect(try await browser.run("return [...document.querySelectorAll('[data-order]')].indexOf(\(focused))") as? Int == 20)
                #expect(try await browser.run("return document.querySelector('[data-action=more]').hidden") as? Bool == true)
                try await browser.run("window.marked = \(focused); document.dispatchEvent(new Event('resume'))")
                let looks = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v1/orders?limit=25')).length"
                try await browser.waits(for: "\(looks) > 0")
                let rows = try await browser.run("return [...document.querySelectorAll('[data-order]')].map((row) => row.dataset.order)") as? [String]
                #expect(rows?.count == 25 && Set(rows ?? []).count == 25)
                #expect(try await browser.run("return \(focused) === window.marked") as? Bool == true)
            }
        }
    }

    @Test func aButtonThatMayNotBePressedDoesNothingAndKeepsTheFocus() async throws {
        try await withShop { shop in
            try await shop.makeSale("calm", opensAt: "2035-01-01T00:00:00Z")
            try await withBrowser { browser in
                try await browser.go(to: "\(shop.address)/sales/calm")
                try await browser.waitForState("waiting")
                try await browser.recordStates()
                try await browser.run("\(Browser.button).focus()")
                try await browser.type(Key.enter + Key.space)
                try await browser.press("buy")
                #expect(try await browser.recordedStates == [])
                #expect(try await browser.run("return document.activeElement.dataset.action") as? String == "buy")
                #expect(try await shop.liveOrders(of: "calm") == 0)
            }
        }
    }

    @Test func theLanguageThatIsAskedForStaysOverLinks() async throws {
        try await withShop { shop in
            try await withBrowser { browser in
                try await browser.go(to: "\(shop.address)/?lang=zh")
                try await browser.waits(for: "document.querySelector('[data-sale=demo] a')?.search === '?lang=zh'")
                try await browser.click("[data-sale=demo] a")
                try await browser.waits(for: "document.querySelector('[data-action=buy]')?.textContent === '立即抢购'")
                try await browser.press("language")
                try await browser.waits(for: "document.querySelector('[data-action=buy]')?.textContent === 'Buy now'")
            }
        }
    }
}
