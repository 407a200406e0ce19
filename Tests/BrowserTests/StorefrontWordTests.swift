import Testing

/// What pages say of time and in which language.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StorefrontWordTests {
    @Test func nothingThatIsAheadIsToldAsIfItWerePast() async throws {
        try await withShop { shop in
            for sale in ["going", "stopped", "resting"] { try await shop.makeSale(sale) }
            try await shop.makeSale("coming", opensAt: "2035-01-01T00:00:00Z")
            try await shop.seckill("sale close stopped --confirm stopped")
            try await shop.seckill("sale pause resting --reason test")
            try await withBrowser(expectingErrors: Browser.statuses(503)) { browser in
                try await browser.go(to: shop.address)
                try await browser.waits(for: "document.querySelector('[data-group=ended] [data-sale=stopped]')")
                try await browser.waits(for: "document.querySelector('[data-group=paused] [data-sale=resting]')")
                try await browser.waits(for: "document.querySelector('[data-sale=going]')?.innerText.includes('Closes Jan 1, 2036')")
                #expect(try await browser.run("return document.querySelector('[data-sale=stopped]').innerText.includes('2036')") as? Bool == false)
                for (sale, state, facts) in [
                    ("going", "ready", "Open since Jan 1, 2026|Closes Jan 1, 2036"), ("stopped", "closed", ""),
                    ("coming", "waiting", "Opens Jan 1, 2035|Closes Jan 1, 2036"),
                ] {
                    try await browser.go(to: "\(shop.address)/sales/\(sale)")
                    try await browser.waitForState(state)
                    let shown = "[...document.querySelectorAll('.facts > span:not([hidden])')]"
                    try await browser.waits(for: "\(shown).map(one => one.textContent.split(/, \\d+:/)[0]).join('|') === '\(facts)'")
                }
            }
        }
    }

    @Test func theLanguageThatWasChosenHoldsForAddressesThatDoNotSayIt() async throws {
        try await withShop { shop in
            try await withBrowser(expectingErrors: Browser.statuses(503)) { browser in
                try await browser.go(to: "\(shop.address)/?lang=zh")
                try await browser.waits(for: "document.documentElement.lang === 'zh-CN'")
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: "document.title === '我的订单' && document.documentElement.lang === 'zh-CN'")
                try await browser.press("language")
                try await browser.waits(for: "document.title === 'My orders' && document.documentElement.lang === 'en'")
            }
        }
    }
}
