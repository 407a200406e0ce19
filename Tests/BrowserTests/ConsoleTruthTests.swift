import SaleCore
import Testing

/// What the console shows is what is: sales are no edits, old figures no new ones, a window of time
/// all of it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConsoleTruthTests {
    private static let sale = "#/sales/demo"

    /// Nobody buys while an operator takes units off sale and puts others on it.
    @Test func editsOfTheStockAreNoSales() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: Self.sale)
                let row = "document.querySelector('[data-sku=phone-x]')"
                try await browser.waits(for: "\(row)?.querySelector('[data-field=rate]').textContent === '0 /s'")
                try await browser.run(
                    """
                    window.seen = { rate: new Set(), timeLeft: new Set(), in_flight: new Set() };
                    new MutationObserver(() => {
                        for (const [name, values] of Object.entries(window.seen)) values.add(\(row).querySelector(`[data-field=${name}]`).textContent);
                    }).observe(\(row), { subtree: true, childList: true, characterData: true });
                    """)
                for (change, left) in [(-998, 2), (100, 102)] {
                    try await console.shop.seckill("stock add --sale demo --sku phone-x \(change)")
                    for name in ["available", "loaded"] {
                        try await browser.waits(for: "\(row).querySelector('[data-field=\(name)]').textContent === '\(left)'")
                    }
                }
                let shown =
                    try await browser.run("return JSON.stringify(Object.fromEntries(Object.entries(window.seen).map(([n, v]) => [n, [...v]])))")
                    as? String
                #expect(shown == #"{"rate":["0 /s"],"timeLeft":["–"],"in_flight":["0"]}"#)

                // A sale is seen, and one says nothing of the rest.
                try await console.buy(1)
                try await browser.waits(for: "/^[0-9]+ \\/min$/.test(\(row).querySelector('[data-field=rate]').textContent)")
                #expect(try await browser.element("[data-sku=phone-x] [data-field=timeLeft]").text == "–")
            }
        }
    }

    @Test func anOutageDoesNotLookLikeACalmDay() async throws {
        try await withConsole { console in
            try await withBrowser(expectingErrors: ["Failed to load"]) { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                try await browser.waits(
                    for: "document.querySelector('.pulse[data-state=live]') && !document.querySelector('[data-action=pause]').matches(':disabled')")
                #expect(try await browser.element(".outage").text == "")
                console.shop.freeze()
                try await browser.waits(
                    for: "/^No news since \\d\\d:\\d\\d:\\d\\d UTC\\./.test(document.querySelector('.outage[role=status]').textContent)",
                    within: .seconds(20))
                for action in ["pause", "extend", "close", "stock", "edit"] {
                    #expect(try await browser.element("[data-action=\(action)]").isEnabled == false, "\(action)")
                }
                try await browser.waits(
                    for: "/ago$/.test(document.querySelector('.figures').dataset.age) && document.querySelector('main').hasAttribute('data-stale')")
                try await browser.type("p")
                #expect(try await browser.count("dialog") == 0)
                try await PageRules.isAccessible(browser)
                try await PageRules.isNotClipped(browser)
                try await Screens.keep(browser, "console-outage")
                console.shop.thaw()
                try await browser.waits(for: "document.querySelector('.outage').textContent.trim() === ''", within: .seconds(60))
                try await browser.waits(for: "!document.querySelector('[data-action=pause]').matches(':disabled')")
            }
        }
    }

    @Test func `an order that could not be read at first is shown once it can be`() async throws {
        try await withConsole { console in
            try await console.buy(1)
            let order = try #require(try await console.orders().first)
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: Self.sale)
                try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')")
                try await browser.run(
                    """
                    const real = window.fetch;
                    window.isLost = true;
                    window.fetch = (...asked) =>
                        window.isLost && String(asked[0]).includes("/v1/orders/") ? Promise.reject(new TypeError("lost")) : real(...asked);
                    location.hash = "#/orders/\(order)";
                    """)
                try await browser.waits(for: "document.querySelector('main [role=alert]')?.textContent")
                try await browser.run("window.isLost = false")
                try await browser.waits(for: "document.querySelector('[data-field=undoing]')", within: .seconds(30))
            }
        }
    }

    @Test func aLostAnswerIsForgottenOnceTheConnectionIsBack() async throws {
        try await withConsole { console in
            try await withBrowser(expectingErrors: ["Failed to load", "net::ERR_"]) { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')")
                try await browser.click("[data-action=pause]")
                try await browser.element("dialog[open] [name=reason]").type("a try")
                try await browser.setOffline(true)
                try await browser.click("dialog[open] [data-action=confirm]")
                try await browser.waits(for: "document.querySelector('dialog [data-action=confirm][aria-busy]')?.textContent === 'asking…'")
                try await browser.waits(
                    for: "/does not answer: whether this was done is not known/.test(document.querySelector('dialog [role=alert]').textContent)")
                try await browser.waits(for: "document.querySelector('dialog [data-action=confirm]').textContent === 'Pause'")
                // A feed that is open already outlives Chromium's switch.
                console.shop.freeze()
                try await browser.waits(for: "document.querySelector('.pulse:not([data-state=live])')", within: .seconds(30))
                console.shop.thaw()
                try await browser.setOffline(false)
                try await browser.waits(for: "document.querySelector('dialog [role=alert]').textContent === ''", within: .seconds(60))
            }
        }
    }

    /// An axis is as long as the window that was chosen, and an empty chart says that it is.
    @Test func chartsSpanTheirWindow() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall")
                let label = "document.querySelector('.chart.stack canvas').getAttribute('aria-label')"
                try await browser.waits(for: "/, 5 min: No purchases recorded in this window/.test(\(label))")
                try await browser.run("[...document.querySelectorAll('.windows button')].at(-1).click()")
                try await browser.waits(for: "/, 15 min: /.test(\(label))")
                try await console.buy(1)
                try await browser.waits(for: "/, 15 min: .* confirmed a second/.test(\(label))")
            }
        }
    }

    /// What a browser would do by itself depends on its own tables.
    @Test func pricesHaveTheDigitsByWhichTheServiceCountsThem() async throws {
        let currencies = Currency.ofKnownDigits
        #expect(currencies.count > 100)
        try await withConsole { console in
            try await withBrowser { browser in
                try await browser.go(to: console.address)
                let found =
                    try await browser.runAsync(
                        """
                        const { minorUnits, money } = await import(new URL("format.js", document.querySelector("script[src]").src));
                        return args[0].map((code) => {
                            const shown = money(1234567, code, "en").replace(/^[^0-9]*/, "").replaceAll(",", "");
                            return minorUnits(shown, code) === 1234567 ? shown : `${shown} ${code} is taken for another price`;
                        });
                        """, [currencies.map(\.code)]) as? [String]
                #expect(found == currencies.map { Money.text(1_234_567, $0) })
            }
        }
    }

    /// Counters tell what happened while nobody looked.
    @Test func whatWasCountedWhileAwayIsNotLost() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall")
                let counts =
                    try await browser.runAsync(
                        """
                        const { rateSeries, burn, pacedSalesMin } = await import(document.querySelector("script[type=module]").src.replace("console.js", "figures.js"));
                        const frame = (second, committed, node = "a") => ({ time: second * 1000, nodes: [{ id: node }], committed,
                            sales: [{ sale: "s", items: [{ sku: "i", loaded: 100, available: 100 - committed, committed }] }] });
                        const units = (frames) => rateSeries(frames, (one) => one.committed).reduce((sum, [time, rate], index, all) =>
                            sum + (index % 2 ? rate * (time - all[index - 1][0]) / 1000 : 0), 0);
                        const left = (sold) => burn([frame(0, 0), frame(20, sold)], "s", "i").secondsLeft;
                        return [units([frame(0, 1), frame(20, 5)]), units([frame(0, 9), frame(20, 3, "b")])].map(Math.round)
                            .concat(left(pacedSalesMin - 1) === null, left(pacedSalesMin) === 380);
                        """) as? [Any]
                #expect(counts?.count == 4)
                #expect(counts?[0] as? Int == 4 && counts?[1] as? Int == 3)
                #expect(counts?[2] as? Bool == true && counts?[3] as? Bool == true)
            }
        }
    }

    /// While Redis does not name the nodes, nobody knows what they count; what comes after it was
    /// not all counted in a second.
    @Test func aMomentWithoutNodesIsNoRush() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await browser.go(to: console.address)
                let gained =
                    try await browser.runAsync(
                        """
                        const { rateSeries, bucketGains, silentStores } = await import(new URL("figures.js", document.querySelector("script[src]").src));
                        const frame = (second, committed, nodes = ["a"], age = 0) => ({
                            time: second * 1000, nodes: nodes.map((id) => ({ id })), units_age_ms: age, sales: [{ sale: "s", items: [{ sku: "i" }] }],
                            totals: { outcomes: { committed }, duration_buckets: { committed: [committed] } },
                        });
                        const rates = (...frames) => rateSeries(frames, (one) => one.totals.outcomes.committed).map(([, rate]) => rate).join();
                        return [
                            rates(frame(0, 9), frame(1, 9, []), frame(2, 12)), rates(frame(0, 0, []), frame(1, 500)), rates(frame(0, 9), frame(1, 3, ["b"])),
                            bucketGains(frame(0, 0, []), frame(1, 500))[0], bucketGains(frame(0, 5), frame(1, 8))[0],
                            silentStores([frame(0, 9), frame(1, 9, [])]), silentStores([frame(0, 9, []), frame(1, 9, [], 6000)]),
                            silentStores([frame(0, 9, ["a"], 6000), frame(1, 9, ["a"], 7000)]),
                        ].join(" ");
                        """) as? String
                #expect(gained == "0,3 0 3 0 3  Redis Postgres")
            }
        }
    }
}
