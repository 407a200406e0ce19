import Foundation
import Testing

/// A tab that nobody has looked at for ten minutes, frozen as browsers do it: nothing of it ran.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StorefrontReturnTests {
    /// While the page is frozen its clocks go on by ten minutes, and with them what it is told of
    /// the service's.
    private static let sleep = """
        const [realNow, RealDate, realFetch] = [performance.now.bind(performance), Date, fetch];
        [globalThis.slept, globalThis.asked] = [0, []];
        performance.now = () => realNow() + slept;
        globalThis.Date = class extends RealDate {
            constructor(...given) { super(...(given.length ? given : [RealDate.now() + slept])); }
            static now() { return RealDate.now() + slept; }
        };
        globalThis.fetch = async (...request) => {
            const path = String(request[0]);
            asked.push(path);
            const answer = await realFetch(...request);
            if (!path.endsWith("/v1/time")) return answer;
            const { server_time: time } = await answer.json();
            return new Response(JSON.stringify({ server_time: new RealDate(RealDate.parse(time) + slept).toISOString() }), answer);
        };
        document.addEventListener("freeze", () => {
            [globalThis.slept, globalThis.asked] = [600_000, []];
        });
        """

    /// A page that was frozen while `change` happened is right, as `truth` says, with what one
    /// look at the sale tells it.
    private func comeBack(
        to sale: String, of shop: Shop, from state: String, _ change: @Sendable () async throws -> Void, truth: String
    ) async throws {
        try await withBrowser { browser in
            try await browser.devTools("Page.addScriptToEvaluateOnNewDocument", ["source": Self.sleep])
            try await browser.go(to: "\(shop.address)/sales/\(sale)")
            try await browser.waitForState(state)
            // All that it asks at its start is asked.
            let isQuiet = "document.querySelector('[data-link=live]')"
            let samples = "asked.filter(path => path.endsWith('/v1/time')).length >= 5"
            try await browser.waits(for: "\(isQuiet) && \(samples)")
            try await browser.run(
                """
                const isTrue = () => \(truth);
                new MutationObserver(() => {
                    if (slept && isTrue()) globalThis.looks ??= asked.filter(path => /[/]sales[/][^/]+$/.test(path)).length;
                }).observe(document, { subtree: true, attributes: true, childList: true, characterData: true });
                """)
            try await browser.devTools("Page.setWebLifecycleState", ["state": "frozen"])
            try await change()
            let before = try await shop.count(of: "seckill_http_requests_total")
            try await browser.devTools("Page.setWebLifecycleState", ["state": "active"])
            try await browser.devTools("Page.bringToFront")
            try await browser.waits(for: "globalThis.looks !== undefined")
            #expect(try await browser.run("return looks") as? Int ?? .max <= 1)
            // A countdown is a second behind for as long as it takes to draw the next one.
            try await browser.waits(for: "\(isQuiet) && (\(truth))")
            // Up to five times the time, the sale, the orders, the stream; and the sale again until
            // the stream, whose return is spread, is there.
            let count = try await shop.count(of: "seckill_http_requests_total") - before
            let asked = try await browser.run("return asked.join(' ')") as? String ?? ""
            #expect(count <= 14, "it asked \(asked)")
        }
    }

    @Test func theCountdownAndTheStockAreThoseOfNow() async throws {
        try await withShop { shop in
            let opensAt = Date.inSeconds(700)
            try await shop.makeSale("coming", opensAt: opensAt)
            let truth = """
                ((shown, left) => \(Browser.card).dataset.state === 'waiting' && /^7 left/.test(\(Browser.card).querySelector('.count').textContent)
                    && Math.abs(Number(shown[0]) * 3600 + Number(shown[1]) * 60 + Number(shown[2]) - left) <= 1)
                (document.querySelector('[data-field=countdown] [role=timer]').textContent.split(':'), (Date.parse('\(opensAt)') - Date.now()) / 1000)
                """
            try await comeBack(
                to: "coming", of: shop, from: "waiting", { try await shop.seckill("stock add --sale coming --sku item-a 2") }, truth: truth)
        }
    }

    @Test func aSaleThatIsPausedMeanwhileIsNotLit() async throws {
        try await withShop { shop in
            try await shop.makeSale("away")
            try await comeBack(
                to: "away", of: shop, from: "ready", { try await shop.seckill("sale pause away --reason test") },
                truth: "\(Browser.card).dataset.state === 'paused' && !\(Browser.isLit)")
        }
    }
}
