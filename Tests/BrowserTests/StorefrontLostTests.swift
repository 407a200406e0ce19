import Testing

/// A shop that cannot be reached: people are told so in words, and what they began goes on by
/// itself.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StorefrontLostTests {
    private static let expected = Browser.statuses(401, 409, 503) + Browser.lost
    private static let failure = "document.querySelector('.failure')"
    private static let banner = "document.querySelector('.banner')"
    /// From the next page load on nothing is answered while `isLost`; the list begins with it.
    private static let losing = """
        const real = window.fetch;
        window.isLost = location.pathname === "/orders";
        window.fetch = (...asked) => (window.isLost ? Promise.reject(new TypeError("Failed to fetch")) : real(...asked));
        """

    @Test func aPaymentThatFindsNobodyIsMadeWhenTheLineIsBack() async throws {
        try await withShop { shop in
            try await shop.makeSale("cut", limit: 5)
            try await withBrowser(expectingErrors: Self.expected) { browser in
                try await browser.go(to: "\(shop.address)/sales/cut")
                try await browser.waitForState("ready")
                try await browser.press("buy")
                try await browser.waitForState("won")
                // A blip is not worth a word.
                let atOnce = try await browser.run("dispatchEvent(new Event('offline')); return \(Self.banner).textContent") as? String
                #expect(atOnce == "")
                try await browser.setOffline(true)
                try await browser.press("pay")
                try await browser.waits(
                    for: "/^We cannot reach the shop. Your unit is held until .+; we keep trying.$/.test(\(Self.failure).textContent)")
                try await browser.waits(for: "/^No contact with the shop since .*[0-9]/.test(\(Self.banner).textContent)")
                #expect(try await browser.run("return document.querySelectorAll('[role=status]')[1] === \(Self.banner)") as? Bool == true)
                #expect(try await browser.run("return \(Self.banner).getBoundingClientRect().top") as? Double == 0)
                #expect(try await !browser.bodyText().contains("TypeError"))
                try await browser.setOffline(false)
                try await browser.waits(for: "document.querySelector('.won').textContent === 'Paid ✓'")
                try await browser.waits(for: "!\(Self.banner).textContent && !document.documentElement.hasAttribute('data-lost')")
                #expect(try await !browser.bodyText().contains("cannot reach"))

                try await browser.setOffline(true)
                try await browser.press("buy")
                try await browser.waits(for: "document.querySelector('.note').textContent.startsWith('We cannot reach the shop. It asks again')")
                try await browser.setOffline(false)
                try await browser.waitForState("won")
                #expect(try await shop.liveOrders(of: "cut") == 2)
            }
        }
    }

    /// The key of the purchase that was not heard of stands for that one alone.
    @Test func `after a lost answer, a reload and a cancellation a click buys`() async throws {
        try await withShop { shop in
            try await shop.makeSale("unheard")
            try await withBrowser(expectingErrors: Self.expected) { browser in
                try await browser.go(to: "\(shop.address)/sales/unheard")
                try await browser.waitForState("ready")
                try await browser.run(
                    """
                    const real = window.fetch;
                    window.fetch = async (path, options) => {
                        const answer = await real(path, options);
                        if (!String(path).endsWith("/orders") || options?.method !== "POST") return answer;
                        window.isLost = answer.status === 201;
                        throw new TypeError("Failed to fetch");
                    };
                    """)
                try await browser.press("buy")
                try await browser.waits(for: "window.isLost")
                try await browser.reload()
                try await browser.waitForState("won")
                try await browser.press("cancel")
                try await browser.press("confirm")
                try await browser.waitForState("ready")
                try await browser.press("buy")
                try await browser.waitForState("won")
                #expect(try await shop.liveOrders(of: "unheard") == 1)
            }
        }
    }

    @Test func `after half a minute the buyer asks again, under the same key`() async throws {
        try await withShop { shop in
            try await shop.makeSale("again")
            try await withBrowser(expectingErrors: Self.expected) { browser in
                try await browser.go(to: "\(shop.address)/sales/again")
                try await browser.waitForState("ready")
                try await browser.run(
                    """
                    const [ask, now] = [window.fetch, performance.now.bind(performance)];
                    [window.keys, window.isLost, window.ahead] = [[], true, 0];
                    performance.now = () => now() + ahead;
                    window.fetch = (path, options) => {
                        if (!String(path).endsWith("/orders") || options?.method !== "POST") return ask(path, options);
                        keys.push(options.headers["Idempotency-Key"]);
                        return isLost ? Promise.reject(new TypeError("Failed to fetch")) : ask(path, options);
                    };
                    """)
                try await browser.press("buy")
                try await browser.waits(for: "keys.length > 1")
                try await browser.run("ahead = 31_000")
                try await browser.waits(for: "\(Browser.card).dataset.state === 'retrying' && \(Browser.isLit)")
                try await browser.run("isLost = false")
                try await browser.press("buy")
                try await browser.waitForState("won")
                #expect(try await browser.run("return new Set(keys).size") as? Int == 1)
                #expect(try await shop.liveOrders(of: "again") == 1)
            }
        }
    }

    @Test func aListAndASignInSaySoAndGoOn() async throws {
        try await withShop { shop in
            try await shop.makeSale("outside")
            try await withBrowser(expectingErrors: Self.expected) { browser in
                let says = "document.body.innerText.includes('We cannot reach the shop. We keep trying.')"
                try await browser.devTools("Page.addScriptToEvaluateOnNewDocument", ["source": Self.losing])
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: says)
                #expect(try await !browser.bodyText().contains("TypeError"))
                try await browser.run("window.isLost = false")
                try await browser.waits(for: "document.body.innerText.includes('You have no orders.')")

                try await browser.run("localStorage.setItem('seckill:token', 'nonsense')")
                try await browser.go(to: "\(shop.address)/sales/outside")
                try await browser.waitForState("signed_out")
                try await browser.run("window.isLost = true")
                try await browser.press("sign-in")
                try await browser.waits(for: says)
                try await browser.run("window.isLost = false")
                try await browser.waitForState("ready")
                try await browser.waits(for: "!(\(says))")
            }
        }
    }
}
