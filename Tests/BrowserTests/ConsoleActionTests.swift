import LoadSupport
import Testing

/// What an operator does by the console alone.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConsoleActionTests {
    private static let sale = "#/sales/demo"

    @Test func aSaleIsPausedResumedFilledAndClosedAndTheHistoryKnows() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                try await browser.waits(for: "/^1 of 1 nodes$/.test(document.querySelector('[data-field=obeyed]')?.textContent)")

                try await browser.act("[data-action=pause]", reason: "wrong price")
                _ = try await browser.element("[data-view] [data-status=paused]")
                try await browser.waits(for: "/^1 of 1 nodes$/.test(document.querySelector('[data-field=obeyed]')?.textContent)")
                try await browser.waits(for: "document.querySelector('.notice').textContent.includes('Paused: obeyed by 1 of 1 nodes.')")
                try await browser.act("[data-action=resume]", reason: "mended")
                _ = try await browser.element("[data-view] [data-status=open]")

                let loaded = "document.querySelector('[data-sku=phone-x] [data-field=loaded]').textContent"
                try await browser.waits(for: "\(loaded) === '1000'")
                try await browser.click("[data-sku=phone-x] [data-action=stock]")
                try await browser.element("dialog[open] [name=add]").type("300")
                try await browser.confirm(reason: "a pallet more")
                try await browser.waits(for: "\(loaded) === '1300'")

                try await browser.click("[data-action=close]")
                #expect(try await browser.element("dialog[open] h2").text.contains("demo") == false)
                #expect(try await browser.element("dialog[open]").text.contains("Type demo"))
                try await browser.element("dialog[open] [name=confirm]").type("dem")
                try await browser.element("dialog[open] [name=reason]").type("over")
                try await browser.click("dialog[open] button[data-action=confirm]")
                try await browser.waits(for: "document.querySelector('dialog[open] [role=alert]').textContent !== ''")
                try await browser.element("dialog[open] [name=confirm]").type("o" + Key.enter)
                _ = try await browser.element("[data-view] [data-status=closed]")
                // Nothing is left to press that would be refused, and the page says why.
                try await browser.waits(for: "document.querySelector('[data-field=final]').checkVisibility()")
                try await browser.waits(
                    for:
                        "![...document.querySelectorAll('[data-action=pause],[data-action=resume],[data-action=extend],[data-action=close],[data-action=stock],[data-action=edit]')].some(b => b.checkVisibility())"
                )

                try await browser.go(to: console.address + "#/history")
                try await browser.waits(for: "document.querySelectorAll('[data-command]').length >= 5")
                let text = try await browser.bodyText()
                for reason in ["wrong price", "mended", "a pallet more", "over", "console"] { #expect(text.contains(reason)) }
            }
        }
    }

    @Test func whoeverIsTooLateIsToldTheNewerValues() async throws {
        try await withConsole { console in
            try await withBrowser(expectingErrors: ["412"]) { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                try await browser.click("[data-sku=phone-x] [data-action=edit]")
                _ = try await browser.element("dialog[open]")
                try await console.shop.seckill("item set --sale demo --sku phone-x --price 3888.00 --limit 3")
                try await browser.run("document.querySelector('dialog [name=unit_price]').value = '3777.00'")
                try await browser.confirm(reason: "a better price")
                try await browser.waits(for: "/3,888/.test(document.querySelector('dialog[open] .changes')?.textContent)")
                try await browser.click("dialog[open] button[data-action=confirm]")
                try await browser.waits(for: "/3,777/.test(document.querySelector('[data-sku=phone-x] [data-field=price]').textContent)")
                // What this tab did not touch stands as the other one left it.
                #expect(try await console.shop.sql("SELECT limit_per_user FROM stock WHERE sale_id = 'demo' AND sku = 'phone-x'") == "3")
            }
        }
    }

    @Test func aChangeWhoseAnswerWasLostIsMadeOnceUntilItIsAnotherOne() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                let loaded = "document.querySelector('[data-sku=phone-x] [data-field=loaded]')?.textContent"
                try await browser.waits(for: "\(loaded) === '1000'")
                // Its answers are lost behind the service, which has done its work.
                try await browser.run(
                    """
                    const real = window.fetch;
                    [window.keys, window.isLossy] = [[], true];
                    Math.random = () => 0;
                    window.fetch = async (...asked) => {
                        const answer = await real(...asked);
                        if (!asked[1]?.method) return answer;
                        window.keys.push(asked[1].headers["Idempotency-Key"]);
                        if (window.isLossy) throw new TypeError("lost");
                        return answer;
                    };
                    """)
                try await browser.click("[data-sku=phone-x] [data-action=stock]")
                try await browser.element("dialog[open] [name=add]").type("300")
                try await browser.confirm(reason: "a pallet")
                try await browser.waits(for: "document.querySelector('dialog[open] [role=alert]').textContent")
                // Written otherwise, and back again.
                try await browser.element("dialog[open] [name=reason]").type("s" + Key.backspace)
                try await browser.run("window.isLossy = false")
                try await browser.click("dialog[open] button[data-action=confirm]")
                try await browser.waits(for: "!document.querySelector('dialog') && \(loaded) === '1300'")
                #expect(try await browser.run("return new Set(window.keys).size") as? Int == 1)

                try await browser.run("window.isLossy = true")
                try await browser.click("[data-sku=phone-x] [data-action=stock]")
                try await browser.element("dialog[open] [name=add]").type("10")
                try await browser.confirm(reason: "a box")
                try await browser.waits(for: "document.querySelector('dialog[open] [role=alert]').textContent")
                try await browser.element("dialog[open] [name=add]").type("0")
                try await browser.run("window.isLossy = false")
                try await browser.click("dialog[open] button[data-action=confirm]")
                try await browser.waits(for: "!document.querySelector('dialog') && \(loaded) === '1410'")
                #expect(try await browser.run("return new Set(window.keys).size") as? Int == 3)
            }
        }
    }

    @Test func aSaleIsExtended() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                #expect(try await console.shop.sql("SELECT closes_at = '2036-01-01 00:00Z' FROM sales WHERE id = 'demo'") == "t")
                try await browser.click("[data-action=extend]")
                // By ten, by thirty, and by sixty minutes.
                try await browser.click("dialog[open] .small:nth-child(2)")
                try await browser.confirm(reason: "more came than we thought")
                try await browser.waits(for: "/The end is 2036-01-01 00:30:00 UTC now/.test(document.querySelector('.notice').textContent)")
                try await browser.waits(for: "/^2036-01-01 00:30:00 UTC/.test(document.querySelector('[data-field=closes]').textContent)")
                #expect(try await console.shop.sql("SELECT closes_at = '2036-01-01 00:30Z' FROM sales WHERE id = 'demo'") == "t")
            }
        }
    }

    /// The node that is asked is the only one: the feed ends with it.
    @Test func aNodeIsDrained() async throws {
        try await withConsole { console in
            try await withBrowser(expectingErrors: ["Failed to load"]) { browser in
                try await console.signIn(browser, as: "ada", at: "#/nodes")
                try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')")
                try await browser.act("[data-node] [data-action=drain]", reason: "a new version")
                try await browser.waits(for: "/has been asked to drain\\.$/.test(document.querySelector('.notice').textContent)")
                try await browser.waits(for: "document.querySelector('.pulse:not([data-state=live])')", within: .seconds(30))
            }
        }
    }

    @Test func keysLeadToThePauseAndToTheSearch() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                _ = try await browser.element("[data-view=sale] [data-sku]")
                try await browser.type("p")
                #expect(try await browser.element("dialog[open] [data-action=confirm]").text == "Pause")
                try await browser.type(Key.escape)
                try await browser.waits(for: "!document.querySelector('dialog')")

                // Where there is nothing to search, orders are.
                try await browser.type("/")
                try await browser.waits(for: "location.hash === '#/orders' && document.activeElement.name === 'id'")
                try await browser.run("location.hash = '#/settings'")
                _ = try await browser.element("[data-view=settings] [data-search]")
                try await browser.type("/")
                try await browser.waits(for: "document.activeElement.type === 'search' && document.activeElement.value === ''")
            }
        }
    }

    /// Neither an answer that does not come nor newer values that cannot be read lock a dialog.
    @Test func aDialogCanBePressedAgainWhateverFails() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: Self.sale)
                _ = try await browser.element("[data-view=sale] [data-sku]")
                try await browser.run(
                    """
                    const real = window.fetch;
                    window.fetch = async (path, options) => {
                        if (options.method === "PATCH") return new Response("{}", { status: 412, headers: { "Content-Type": "application/json" } });
                        if (options.method) return new Promise((_, reject) => options.signal.addEventListener("abort", () => reject(options.signal.reason)));
                        if (String(path).endsWith("/sales/demo")) throw new TypeError("lost");
                        return real(path, options);
                    };
                    """)
                let canBePressed = "!document.querySelector('dialog [data-action=confirm]').disabled"
                let alert = "document.querySelector('dialog [role=alert]').textContent"
                try await browser.act("[data-action=extend]", reason: "too late")
                try await browser.waits(for: "\(alert) === 'The service does not answer.' && \(canBePressed)")
                try await browser.click("dialog[open] [data-action=cancel]")

                try await browser.act("[data-action=pause]", reason: "nobody hears it")
                try await browser.waits(for: "/is not known/.test(\(alert)) && \(canBePressed)", within: .seconds(40))
                #expect(try await console.shop.sql("SELECT status FROM sales WHERE id = 'demo'") == "open")
            }
        }
    }

    @Test func itsNumbersAreThoseOfTheBooks() async throws {
        try await withConsole { console in
            try await console.buy(3)
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: Self.sale)
                let isSo = try await eventually(within: .seconds(20)) {
                    let books = try await console.shop.sql(
                        "SELECT concat_ws(' ', loaded, committed, loaded - committed) FROM stock WHERE sku = 'phone-x'")
                    let shown =
                        try await browser.run(
                            """
                            return ['loaded', 'committed', 'available'].map(f => document.querySelector(`[data-sku=phone-x] [data-field=${f}]`)?.textContent).join(' ');
                            """) as? String
                    return books == shown && books == "1000 3 997"
                }
                let text = try await browser.bodyText()
                #expect(isSo, "\(text)")
                let order = try await console.shop.sql("SELECT id FROM orders WHERE sale_id = 'demo' LIMIT 1")
                try await console.shop.seckill("order cancel \(order) --reason test")
                try await browser.waits(for: "document.querySelector('[data-sku=phone-x] [data-field=returned]')?.textContent === '1'")
                try await browser.go(to: console.address + "#/orders?sale=demo")
                try await browser.waits(for: "document.querySelectorAll('[data-order]').length === 3")
            }
        }
    }
}
