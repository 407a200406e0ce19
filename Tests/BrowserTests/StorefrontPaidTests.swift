import Testing

/// What a buyer is told after a purchase, and that no press buys or pays what was not meant.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StorefrontPaidTests {
    private static let outcome = "document.querySelector('.won')"
    private static let hasFocus = "document.activeElement === \(outcome)"

    @Test func aKeyPressedOnceTooOftenNeitherPaysNorBuysAgain() async throws {
        try await withShop { shop in
            try await shop.makeSale("eager", limit: 3)
            try await withBrowser(expectingErrors: Browser.statuses(409, 503)) { browser in
                try await browser.go(to: "\(shop.address)/sales/eager")
                try await browser.waitForState("ready")
                try await browser.run("\(Browser.button).focus()")
                try await browser.type(Key.enter)
                try await browser.waits(for: "\(Self.hasFocus) && \(Self.outcome).textContent === 'It is yours'")
                try await browser.recordStates()
                try await browser.type(Key.enter + Key.enter + Key.enter)
                // All that those keys could have begun has begun.
                try await browser.runAsync("await fetch('/v1/time')")
                let pay = try await browser.element("[data-action=pay]")
                #expect(try await pay.attribute("aria-busy") == nil)
                #expect(try await pay.text.contains("1,299.00"))

                try await browser.press("pay")
                try await browser.waits(for: "\(Self.hasFocus) && \(Self.outcome).textContent === 'Paid ✓'")
                try await browser.waitForState("ready")
                #expect(try await browser.element("[data-action=buy]").text == "Buy another")
                #expect(try await browser.bodyText().contains("You have 1 of 3"))
                #expect(try await browser.count("[data-sku] [data-field=order]") == 1)
                try await browser.type(Key.enter + Key.enter)
                try await browser.runAsync("await fetch('/v1/time')")
                #expect(try await browser.recordedStates == ["ready"])
                #expect(try await shop.liveOrders(of: "eager") == 1)
                // It is still there after a page load, until the buyer goes on.
                try await browser.reload()
                try await browser.waits(for: "\(Self.outcome)?.textContent === 'Paid ✓'")
                try await browser.waitForState("ready")
                try await browser.press("buy")
                try await browser.waits(for: "\(Self.outcome).textContent === 'It is yours'")
                #expect(try await shop.liveOrders(of: "eager") == 2)
            }
        }
    }

    @Test func whoseOrderWasCancelledIsToldWhoMayHaveAndWhetherMoneyComesBack() async throws {
        try await withShop { shop in
            try await shop.makeSale("revoked")
            try await withBrowser(expectingErrors: Browser.statuses(404, 409, 503)) { browser in
                try await browser.go(to: "\(shop.address)/sales/revoked")
                try await browser.waitForState("ready")
                try await browser.press("buy")
                try await browser.waitForState("won")
                // Else the unit that comes back would be none that the page has seen go.
                try await browser.waits(for: "/^4 left/.test(\(Browser.card).querySelector('.count').textContent)")
                let order = try await shop.sql("SELECT id FROM orders WHERE sale_id = 'revoked'")
                try await shop.seckill("order cancel \(order) --reason test")
                // Its page looks on: units that came back are perhaps this order's.
                try await browser.waits(for: "\(Self.outcome).dataset.outcome === 'order_cancelled'", within: .seconds(30))
                try await browser.go(to: "\(shop.address)/orders/\(order)")
                try await browser.waits(for: "document.querySelector('[data-state=cancelled]')")
                let text = try await browser.bodyText()
                #expect(text.contains("You, the shop, or a failed payment ended it") && !text.contains("money back"))
                try await shop.seckill("payment send --order \(order) --outcome succeeded")
                try await browser.reload()
                try await browser.waits(for: "document.body.innerText.includes('You will get your money back.')")
                // Another buyer's order, or none, leads to his own.
                try await browser.go(to: "\(shop.address)/orders/00000000-0000-7000-8000-000000000000")
                try await browser.waits(for: "document.querySelector('main a')?.pathname === '/orders'")
            }
        }
    }

    @Test func whoWouldBeSomebodyElseIsAskedFirst() async throws {
        try await withShop { shop in
            try await withBrowser(expectingErrors: Browser.statuses(503)) { browser in
                let buyer = "document.querySelector('[data-field=buyer]').textContent"
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: "\(buyer) && document.body.innerText.includes('You have no orders.')")
                let name = try #require(try await browser.run("return \(buyer)") as? String)
                try await browser.press("other-buyer")
                try await browser.press("keep")
                try await browser.waits(for: "!document.querySelector('dialog') && document.activeElement.dataset.action === 'other-buyer'")
                #expect(try await browser.run("return \(buyer)") as? String == name)
                try await browser.press("other-buyer")
                try await browser.press("confirm")
                try await browser.waits(for: "\(buyer) && \(buyer) !== '\(name)'")
            }
        }
    }

    @Test func aCardEndsWhereItsOwnContentDoes() async throws {
        try await withShop { shop in
            try await withBrowser(expectingErrors: Browser.statuses(409, 503)) { browser in
                try await browser.go(to: "\(shop.address)/sales/demo")
                try await browser.waits(for: "document.querySelector('[data-sku=phone-x]')?.dataset.state === 'ready'")
                try await browser.click("[data-sku=phone-x] [data-action=buy]")
                try await browser.waits(for: "document.querySelector('[data-sku=phone-x]').dataset.state === 'won'")
                let ends =
                    try await browser.run("return [...document.querySelectorAll('.act')].slice(0, 2).map(one => one.getBoundingClientRect().bottom)")
                    as? [Double] ?? []
                #expect(ends.count == 2 && ends.max()! - ends.min()! > 40, "\(ends)")
                #expect(try await browser.run("return getComputedStyle(document.documentElement).scrollbarGutter") as? String == "stable")
            }
        }
    }
}
