import Testing

/// Every page of the console, on every screen.
@Suite(.serialized, .timeLimit(.minutes(8))) struct ConsolePageTests {
    private static let pages = ["", "sales/demo", "orders", "nodes", "stores", "events", "history", "settings", "figures/seckill_queue_orders"]

    private static let looks: [(name: String, look: Browser.Look)] = {
        var (dark, narrow, chinese) = (Browser.Look(), Browser.Look(), Browser.Look())
        (dark.isDark, dark.width, dark.height) = (true, 1_920, 1_080)
        (narrow.width, narrow.height) = (390, 844)
        chinese.language = "zh-CN"
        return [("light", Browser.Look()), ("dark", dark), ("narrow", narrow), ("zh", chinese)]
    }()

    @Test func itIsReadByEverybodyAndClippedNowhere() async throws {
        try await withConsole { console in
            try await console.buy(2)
            for (name, look) in Self.looks {
                try await withBrowser(look) { browser in
                    try await console.signIn(browser, as: "ada")
                    _ = try await browser.element("[data-view] [data-sale=demo]")
                    for page in Self.pages {
                        try await browser.run("location.hash = '#/' + arguments[0]", [page])
                        try await browser.waits(for: "document.querySelector('h1') && !document.querySelector('[role=alert]:not(:empty)')")
                        try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')")
                        try await PageRules.isAccessible(browser)
                        try await PageRules.isNotClipped(browser)
                        let file = page.isEmpty ? "overview" : String(page.prefix { $0 != "/" })
                        try await Screens.keep(browser, "console-\(file)-\(name)")
                    }
                }
            }
        }
    }

    /// A chart is a picture with a sentence, and a table for whoever wants its numbers.
    @Test func chartsSayWhatTheyShow() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: "#/sales/demo")
                try await browser.waits(
                    for:
                        "[...document.querySelectorAll('canvas')].some(c => /1000 of 1000 left|5000 of 5000 left/.test(c.getAttribute('aria-label')))"
                )
                try await browser.click(".chart figcaption button")
                _ = try await browser.element(".chart tbody tr")
                try await PageRules.isAccessible(browser)
            }
        }
    }

    @Test func theFeedIsTakenUpAgainAfterItWasSilent() async throws {
        try await withConsole { console in
            try await withBrowser(expectingErrors: ["Failed to load"]) { browser in
                try await console.signIn(browser, as: "wall")
                try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')")
                console.shop.freeze()
                try await browser.waits(for: "document.querySelector('.pulse:not([data-state=live])')", within: .seconds(30))
                console.shop.thaw()
                try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')", within: .seconds(60))
            }
        }
    }
}
