import LoadSupport
import Testing

/// The console by its words alone, as somebody reads it who has seen no other page of this project.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConsoleWordsTests {
    @Test func aPaidOrderSaysHowItIsUndoneAndWhatIsDueCanBeMarked() async throws {
        try await withConsole { console in
            try await console.buy(1)
            let bought = try await console.orders()
            let paid = try #require(bought.first)
            try await console.shop.seckill("payment send --order \(paid) --outcome succeeded")
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: "#/orders/\(paid)")
                try await browser.waits(for: "/not undone here.*payment provider/.test(document.querySelector('[data-field=undoing]')?.textContent)")
                #expect(try await browser.count("[data-action=refund], [data-action=cancel-order]") == 0)
                try await PageRules.isAccessible(browser)

                // Paid twice: one price is due, not both.
                try await console.shop.seckill("payment send --order \(paid) --outcome succeeded --event twice")
                try await browser.reload()
                try await browser.waits(
                    for:
                        "document.querySelector('[data-field=undoing] code')?.textContent === 'seckill order refund \(paid) --amount 399900 --reference R'"
                )
                try await browser.click("[data-action=refund]")
                #expect(try await browser.run("return document.querySelector('dialog [name=amount]').value") as? String == "3999.00")
                try await browser.element("dialog[open] [name=reference]").type("re_1")
                try await browser.element("dialog[open] [name=reason]").type("came twice")
                try await browser.click("dialog[open] [data-action=confirm]")
                try await browser.waits(for: "document.querySelector('[data-what=refund]') && !document.querySelector('[data-action=refund]')")

                // Paid after it was cancelled: all of it is due.
                try await console.buy(1)
                let orders = try await console.orders()
                let late = try #require(orders.first)
                try await browser.run("location.hash = '#/orders/\(late)'")
                try await browser.click("[data-action=cancel-order]")
                #expect(try await browser.element("dialog[open] [data-action=cancel]").text == "Keep the order")
                try await browser.element("dialog[open] [name=reason]").type("asked by phone")
                try await browser.click("dialog[open] [data-action=confirm]")
                try await browser.waits(
                    for:
                        "document.body.innerText.includes('Order cancelled.') && /It is over/.test(document.querySelector('[data-field=undoing]')?.textContent)"
                )
                try await console.shop.seckill("payment send --order \(late) --outcome succeeded")
                try await browser.reload()
                try await browser.click("[data-action=refund]")
                #expect(try await browser.run("return document.querySelector('dialog [name=amount]').value") as? String == "3999.00")

                try await browser.go(to: console.address + "#/history")
                try await browser.waits(for: "/ada recorded that CN¥3,999.00 went back, reference re_1/.test(document.body.innerText)")
                #expect(try await browser.bodyText().contains("ada cancelled the order"))
            }
        }
    }

    @Test func theHistorySaysInSentencesWhatWasDone() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "ada", at: "#/sales/demo")
                try await browser.click("[data-sku=phone-x] [data-action=edit]")
                try await browser.run("document.querySelector('dialog [name=unit_price]').value = '34,99'")
                try await browser.element("dialog[open] [name=reason]").type("a better price")
                try await browser.click("dialog[open] [data-action=confirm]")
                // What is wrong stands at its field, which has the focus.
                try await browser.waits(
                    for:
                        "document.activeElement.name === 'unit_price' && document.activeElement.getAttribute('aria-invalid') === 'true' && document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent !== ''"
                )
                try await PageRules.isAccessible(browser)
                try await Screens.keep(browser, "console-wrong-price")
                try await browser.run("document.querySelector('dialog [name=unit_price]').value = '3,499.5'")
                try await browser.click("dialog[open] [data-action=confirm]")
                try await browser.waits(for: "/3,499\\.50/.test(document.querySelector('[data-sku=phone-x] [data-field=price]').textContent)")

                try await browser.click("[data-sku=buds-2] [data-action=stock]")
                try await browser.element("dialog[open] [name=add]").type("-2000")
                try await browser.waits(for: "document.querySelector('dialog [data-action=confirm]').textContent === 'Take 2,000 off'")
                try await browser.element("dialog[open] [name=reason]").type("a pallet is wet")
                try await browser.click("dialog[open] [data-action=confirm]")
                try await browser.waits(
                    for: "/2,000 units of .* taken off sale: obeyed by 1 of 1 nodes/.test(document.querySelector('.notice').textContent)")

                try await browser.go(to: console.address + "#/history")
                try await browser.waits(
                    for: "/ada lowered Phone X from CN¥3,999.00 to CN¥3,499.50\\s+Because: a better price/.test(document.body.innerText)")
                let text = try await browser.bodyText()
                #expect(text.contains("ada took 2,000 units of") && !text.contains("PATCH") && !text.contains("399900"))
                try await browser.click("[data-command] summary")
                try await browser.waits(for: "/\\/admin\\/v1\\/sales\\/demo/.test(document.body.innerText)")
                try await PageRules.isAccessible(browser)

                // Of one sale the ledger is shown at once, of several one is chosen.
                try await browser.go(to: console.address + "#/history?show=ledger")
                try await browser.waits(for: "document.querySelectorAll('main tbody tr').length >= 3")
                try await console.shop.makeSale("second", title: "A second sale")
                try await browser.run("location.hash = '#/orders'")
                try await browser.run("location.hash = '#/history?show=ledger'")
                try await browser.waits(
                    for: "/Choose a sale/.test(document.body.innerText) && document.querySelectorAll('select[name=sale] option').length === 3")
                try await browser.run("const s = document.querySelector('select[name=sale]'); s.value = 'demo'; s.dispatchEvent(new Event('change'))")
                try await browser.waits(for: "document.querySelectorAll('main tbody tr').length >= 3 && location.hash.includes('sale=demo')")
            }
        }
    }

    @Test func ordersAreFoundByTitlesAndExactNames() async throws {
        try await withConsole { console in
            try await console.buy(2)
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: "#/orders")
                try await browser.waits(
                    for:
                        "document.querySelectorAll('[data-order]').length === 2 && document.querySelectorAll('select[name=sale] option').length === 2"
                )
                #expect(try await browser.element("[name=user]").attribute("placeholder") == "exact name")
                try await browser.element("[name=user]").type("buyer" + Key.enter)
                try await browser.waits(
                    for: "location.hash === '#/orders?user=buyer' && /No order of buyer matches.*exact name/.test(document.body.innerText)")
                #expect(try await browser.run("return document.activeElement.name") as? String == "user")
                try await browser.run("[...document.querySelectorAll('main a')].find(a => a.textContent === 'Clear filters').click()")
                try await browser.waits(for: "document.querySelectorAll('[data-order]').length === 2")
                try await browser.click("[data-order] td:last-child")
                try await browser.waits(for: "/^#\\/orders\\/[0-9a-f-]{36}$/.test(location.hash)")
            }
        }
    }

    @Test func whatIsBesideTheFiguresIsFound() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: "#/sales/demo")
                _ = try await browser.element("[data-view=sale] [data-sku]")
                try await browser.click("[data-action=audit]")
                _ = try await browser.element("dialog[open] tbody tr")
                #expect(
                    try await browser.run("const s = document.querySelector('dialog .scroll'); return s.scrollWidth <= s.clientWidth") as? Bool
                        == true)
                #expect(
                    try await browser.run("return document.querySelector('dialog tbody th').getBoundingClientRect().height < 60") as? Bool == true)
                try await Screens.keep(browser, "console-books")
                try await browser.type(Key.escape)
                try await browser.waits(for: "!document.querySelector('dialog')")

                try await browser.type("?")
                _ = try await browser.element("dialog[open][data-dialog=keys] kbd")
                try await PageRules.isAccessible(browser)
                try await browser.click("dialog[open] [data-action=cancel]")

                // A label is no trap; the mark beside it leads to its metric, and that page back.
                try await browser.click("[data-tile=queue] dt span")
                #expect(try await browser.run("return location.hash") as? String == "#/sales/demo")
                try await browser.click("[data-tile=queue] a")
                try await browser.click("[data-view=figures] [data-action=back]")
                _ = try await browser.element("[data-view=sale] [data-sku]")

                try await browser.go(to: console.address + "#/events")
                try await browser.waits(for: "/secret_file/.test(document.querySelector('[data-field=no-endpoints]')?.textContent)")

                try await browser.run("location.hash = '#/sales/demo'")
                _ = try await browser.element("[data-view=sale] [data-sku]")
                try await browser.click("[data-action=language]")
                try await browser.waits(
                    for:
                        "document.documentElement.lang === 'zh-CN' && location.hash === '#/sales/demo' && document.querySelector('[data-view=sale] [data-sku]')"
                )
                let text = try await browser.bodyText()
                #expect(text.contains("15 分钟"), "\(text)")
                #expect(text.firstMatch(of: #/\d (?:y|d|min|h|s|ms)\b/#) == nil, "\(text)")
            }
        }
    }

    /// On a wall nothing stands alone in a row; on a telephone the tab that is open is in view.
    @Test func itFitsWallsAndTelephones() async throws {
        try await withConsole { console in
            var (wall, telephone) = (Browser.Look(), Browser.Look())
            (wall.width, wall.height) = (1_920, 1_080)
            (telephone.width, telephone.height) = (390, 844)
            try await withBrowser(wall) { browser in
                try await console.signIn(browser, as: "wall", at: "?kiosk")
                try await browser.waits(for: "document.querySelector('.pulse[data-state=live]')")
                let rows = try await browser.run(
                    """
                    const tops = [...document.querySelectorAll('.figures > div')].filter((tile) => tile.checkVisibility()).map((tile) => tile.offsetTop);
                    return [tops.length, new Set(tops).size].join();
                    """)
                #expect(rows as? String == "8,1")
                try await PageRules.isNotClipped(browser)
                try await Screens.keep(browser, "console-kiosk")
            }
            try await withBrowser(telephone) { browser in
                try await console.signIn(browser, as: "wall", at: "#/settings")
                try await browser.waits(
                    for:
                        "(({ left, right }) => left >= 0 && right <= innerWidth)(document.querySelector('nav [aria-current]').getBoundingClientRect())"
                )
            }
        }
    }
}
