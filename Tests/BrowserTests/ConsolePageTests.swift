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

    @Test func whatIsStrandedAndUnprovenIsReadFromTheFrames() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await browser.go(to: console.address)
                let found =
                    try await browser.runAsync(
                        """
                        const { stranded, unprovenSince } = await import(new URL("figures.js", document.querySelector("script[src]").src));
                        const frame = (time, fence, ...inFlight) => ({
                            time: time * 1000, sales: [{ sale: "s", fence, items: inFlight.map((units, index) => ({ sku: `${index}`, in_flight: units })) }],
                        });
                        const frames = [
                            frame(1, "proven", 0, 2), frame(2, "unproven", 3, 4), frame(3, "unproven", 3, null), frame(4, "unproven", 9, 0),
                            frame(60, "unproven", 9, 0),
                        ];
                        return [
                            stranded(frames, "s"), unprovenSince(frames, "s"), unprovenSince(frames.slice(2), "s"), unprovenSince(frames.slice(0, 1), "s"),
                            stranded(frames, "other"), unprovenSince(frames, "other"),
                        ].join();
                        """) as? String
                // Two, three and three units for a second each; of the gap nobody knows.
                #expect(found == "8,2000,3000,,0,")
            }
        }
    }

    @Test func aFailureIsNotShownAnyMoreOnceItIsOver() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall")
                _ = try await browser.element("[data-view] [data-sale=demo]")
                try await browser.run(
                    """
                    const real = window.fetch;
                    let answers = 0;
                    window.fetch = async (...asked) => {
                        if (!String(asked[0]).endsWith("/admin/v1/nodes")) return real(...asked);
                        if ((answers += 1) % 2) throw new TypeError("lost");
                        return new Response('{"nodes":[]}', { headers: { "Content-Type": "application/json" } });
                    };
                    location.hash = "#/nodes";
                    """)
                let notice = "document.querySelector('main [role=alert]')?.textContent"
                try await browser.waits(for: "/^This cannot be shown/.test(\(notice))")
                try await browser.waits(for: "/No node has been heard of/.test(document.querySelector('main').innerText) && \(notice) === ''")
                // What was read before stays, and tells its age.
                try await browser.waits(
                    for:
                        "/^As it was at \\d\\d:\\d\\d:\\d\\d UTC\\. Nothing newer/.test(\(notice)) && /No node has been heard of/.test(document.querySelector('main').innerText)"
                )
            }
        }
    }

    /// A page that holds two rows stands for one that holds a hundred.
    @Test func moreIsReadOnceHoweverOftenItIsPressed() async throws {
        try await withConsole { console in
            try await console.buy(3)
            for _ in 0..<3 { try await console.shop.seckill("stock add --sale demo --sku phone-x 1") }
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall")
                _ = try await browser.element("[data-view] [data-sale=demo]")
                try await browser.run(
                    """
                    const real = window.fetch;
                    window.isMore = (button) => button.textContent === "More" && button.checkVisibility() && !button.disabled;
                    window.fetch = (path, options) => {
                        if (/cursor=/.test(path)) window.moreCount += 1;
                        return real(String(path).replace("limit=100", "limit=2"), options);
                    };
                    """)
                for (page, rows) in [("orders", "[data-order]"), ("history", "[data-command]")] {
                    try await browser.run("window.moreCount = 0; location.hash = '#/' + arguments[0]", [page])
                    try await browser.waits(
                        for:
                            "document.querySelectorAll('\(rows)').length === 2 && [...document.querySelectorAll('main button')].some(window.isMore)"
                    )
                    try await browser.run(
                        "const more = [...document.querySelectorAll('main button')].find(window.isMore); more.click(); more.click()")
                    try await browser.waits(for: "document.querySelectorAll('\(rows)').length > 2")
                    #expect(try await browser.run("return window.moreCount") as? Int == 1)
                }
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
