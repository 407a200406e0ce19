import SaleCore
import Testing

/// The parts of the client, inside the browser.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StorefrontModuleTests {
    private func inBrowser(_ script: String) async throws -> Any? {
        try await withShop { shop in
            try await withBrowser { browser in
                try await browser.go(to: "\(shop.address)/orders")
                try await browser.waits(for: "document.querySelector('link[rel=modulepreload]')")
                return try await browser.runAsync(
                    "const load = (name) => import(new URL(name, document.querySelector('link[rel=modulepreload]').href).href);\n" + script)
            }
        }
    }

    @Test func theClientRepeatsByTheTableOfCodesAndKeepsItsKey() async throws {
        let found =
            try await inBrowser(
                """
                const { Seckill, makeKey, pauseAfter, rules } = await load("seckill.js");
                const problem = (status, code, headers = {}) =>
                    () => new Response(JSON.stringify({ code }), { status, headers: { "Content-Type": "application/problem+json", ...headers } });
                const order = (state, status = 201) => () => new Response(JSON.stringify({ id: "o-1", sale: "s", sku: "a", state }), { status });
                const memory = () => {
                    const map = new Map();
                    return { getItem: (k) => map.get(k) ?? null, setItem: (k, v) => map.set(k, v), removeItem: (k) => map.delete(k), size: () => map.size };
                };
                const jwt = (sub) => `.${btoa(JSON.stringify({ sub }))}.`;
                const replayed = () => new Response(JSON.stringify({ id: "o-1", sale: "s", sku: "a", state: "awaiting_payment" }), { headers: { "Idempotency-Replayed": "true" } });
                let [tokens, left, known] = [["t"], null, []];
                async function buys(...answers) {
                    const [keys, seen, storage] = [[], [], memory()];
                    if (left) storage.setItem("seckill::s:a:1", JSON.stringify(left));
                    const fetch = async (path, { headers }) => {
                        if (headers["Idempotency-Key"]) {
                            keys.push(headers["Idempotency-Key"]);
                            if (storage.size() !== 1) throw new Error("the key was not kept before it was sent");
                        }
                        const answer = answers.shift();
                        if (!answer) throw new TypeError("lost");
                        return answer();
                    };
                    const client = new Seckill({ fetch, storage, token: async () => (tokens.length > 1 ? tokens.shift() : tokens[0]) });
                    const { state } = await client.buy({ sale: "s", sku: "a", known }, { onChange: (change) => seen.push(change.state) });
                    return `${state} ${seen.join()} keys ${new Set(keys).size} of ${keys.length} left ${storage.size()}`;
                }
                const lost = () => { throw new TypeError("lost"); };
                return {
                    won: await buys(order("awaiting_payment")),
                    lost: await buys(lost, lost, order("awaiting_payment")),
                    codes: await buys(problem(409, "not_started"), problem(503, "draining"), problem(502, "x"), order("awaiting_payment")),
                    soldOut: await buys(problem(409, "sold_out")),
                    paused: await buys(problem(409, "paused")),
                    closed: await buys(problem(410, "closed")),
                    limit: await buys(problem(409, "limit_reached"), order("paid", 200)),
                    limitOver: await buys(problem(409, "limit_reached"), order("cancelled", 200), order("awaiting_payment")),
                    signedOut: await buys(problem(401, "unauthenticated")),
                    mistake: await buys(problem(422, "invalid_request")),
                    held: await buys(order("reserved", 202), order("reserved", 200), order("awaiting_payment", 200)),
                    rejected: await buys(order("reserved", 202), order("rejected", 200)),
                    pauses: [1, 2, 9].every((n) => pauseAfter(n, 3) >= 3000 && pauseAfter(n, 3) <= 7000),
                    isJittered: new Set(Array.from({ length: 20 }, () => pauseAfter(3))).size > 10,
                    keys: makeKey({ getRandomValues: (bytes) => bytes.fill(171) }) === "ab".repeat(16) && makeKey() !== makeKey(),
                    rules: Object.isFrozen(rules),
                    unheard: (left = { key: "k" }, await buys(replayed, order("cancelled", 200))),
                    known: (known = ["o-1"], await buys(replayed, order("awaiting_payment"))),
                    knownOrder: (left = { order: "o-1" }, await buys(order("awaiting_payment"))),
                    otherBuyer: (left = null, tokens = [jwt("x"), jwt("x"), jwt("y")], await buys(lost, order("awaiting_payment"))),
                };
                """) as? [String: Any]
        let told = (found ?? [:]).compactMapValues { $0 as? String }
        #expect(
            told == [
                "won": "won sending keys 1 of 1 left 0",
                "lost": "won sending,retrying,sending,retrying,sending keys 1 of 3 left 0",
                "codes": "won sending,retrying,sending,retrying,sending,retrying,sending keys 1 of 4 left 0",
                "soldOut": "sold_out sending keys 1 of 1 left 0",
                "paused": "paused sending keys 1 of 1 left 1",
                "closed": "closed sending keys 1 of 1 left 0",
                "limit": "limit sending keys 1 of 1 left 0",
                "limitOver": "won sending,retrying,sending keys 2 of 2 left 0",
                "signedOut": "signed_out sending keys 1 of 1 left 1",
                "mistake": "unknown sending keys 1 of 1 left 0",
                "held": "won sending,held keys 1 of 1 left 0",
                "rejected": "sold_out sending,held keys 1 of 1 left 0",
                "unheard": "ready sending,held keys 1 of 1 left 0",
                "known": "won sending,sending keys 2 of 2 left 0",
                "knownOrder": "won sending keys 1 of 1 left 0",
                "otherBuyer": "signed_out sending,retrying,sending keys 1 of 1 left 1",
            ])
        for name in ["pauses", "isJittered", "keys", "rules"] { #expect(found?[name] as? Bool == true, "\(name)") }
    }

    /// What the stream has told last is not what the page shows when a poll has told something
    /// since: if the next stream told nothing, the page would show that for ever.
    @Test func `a stream is asked to go on only from what is shown`() async throws {
        let found =
            try await inBrowser(
                """
                const { Seckill } = await load("seckill.js");
                async function begunFrom(polled) {
                    const [seen, sale] = [[], { sale: "s", state: "open", items: [] }];
                    const told = () => JSON.stringify({ ...sale, server_time: new Date().toISOString() });
                    let begun;
                    const isThere = new Promise((resume) => (begun = resume));
                    const fetch = async (path, { headers, signal }) => {
                        if (!path.endsWith("/events")) return polled(told());
                        seen.push(headers["Last-Event-ID"] ?? "nothing");
                        if (seen.length > 1) return begun(), new Promise((_, reject) => signal.addEventListener("abort", reject));
                        return new Response(`retry: 2000\n\nid: 41.7\nevent: sale\ndata: ${told()}\n\n`);
                    };
                    const watch = new Seckill({ fetch }).watch("s", {});
                    await isThere;
                    watch.stop();
                    return seen.join();
                }
                return [await begunFrom((sale) => new Response(sale)), await begunFrom(() => new Response(null, { status: 304 }))];
                """) as? [String]
        #expect(found == ["nothing,nothing", "nothing,41.7"])
    }

    /// What was on its way in a stream when the line was cut is no sign that there is one; and the
    /// stream itself is missed after a quarter of a minute only.
    @Test func `a watch goes on asking while nobody is reached and while the browser has no line`() async throws {
        let found =
            try await inBrowser(
                """
                const { Seckill } = await load("seckill.js");
                const until = async (holds, tenths = 200) => {
                    for (let past = 0; past < tenths && !holds(); past += 1) await new Promise((resume) => setTimeout(resume, 100));
                    return holds();
                };
                const signOfLife = new TextEncoder().encode(`: .\n\n`);
                async function asksOn(name, isLost, cut, tenths) {
                    let polls = 0, telling;
                    const fetch = async (path, { signal }) => {
                        if (path.endsWith("/events")) {
                            const start = (stream) => {
                                telling = setInterval(() => stream.enqueue(signOfLife), 300);
                                signal.addEventListener("abort", () => (clearInterval(telling), stream.error(signal.reason)));
                            };
                            return new Response(new ReadableStream({ start }));
                        }
                        polls += 1;
                        if (polls > 1 && isLost) throw new TypeError("Failed to fetch");
                        return Response.json({ sale: name, state: "open", items: [], server_time: new Date().toISOString() });
                    };
                    const watch = new Seckill({ fetch }).watch(name, {});
                    if (!(await until(() => telling && polls === 1))) return "no stream";
                    cut(watch);
                    const isAsked = await until(() => polls > 2, tenths);
                    watch.stop();
                    return isAsked;
                }
                const isUnreachedAsked = await asksOn("lost", true, (watch) => watch.refresh());
                const isAskedWhileCut = await asksOn("cut", false, () => Object.defineProperty(navigator, "onLine", { value: false, configurable: true }));
                delete navigator.onLine;
                return [isUnreachedAsked, isAskedWhileCut, await asksOn("well", false, () => {}, 80)];
                """) as? [Bool]
        #expect(found == [true, true, false])
    }

    @Test func theButtonsStateFollowsTheTable() async throws {
        let found =
            try await inBrowser(
                """
                const { states, stateOf } = await load("states.js");
                const item = { sku: "a", available: 3, limit_per_user: 2 };
                const sale = { state: "open", opens_at: "2030-01-01T00:00:00Z", closes_at: "2030-01-02T00:00:00Z" };
                const opens = Date.parse(sale.opens_at);
                const at = (more) => stateOf({ sale, item, now: opens + 60_000, bound: 8, ...more });
                const order = (state, quantity = 1) => ({ state, quantity });
                return {
                    names: Object.keys(states).join(),
                    found: [
                        at({ sale: undefined }), at({ now: NaN }), at({ sale: null }), at({ item: undefined }),
                        at({ sale: { ...sale, state: "not_started" }, now: opens + 7 }), at({ sale: { ...sale, state: "not_started" }, now: opens + 8 }),
                        at({}), at({ item: { ...item, available: 0 } }), at({ sale: { ...sale, state: "paused" } }), at({ sale: { ...sale, state: "closed" } }),
                        at({ now: Date.parse(sale.closes_at) + 8 }), at({ isSignedOut: true }), at({ refusal: { state: "sold_out" } }),
                        at({ attempt: { state: "sending" } }), at({ orders: [order("awaiting_payment")] }), at({ orders: [order("reserved")] }),
                        at({ orders: [order("paid")] }), at({ orders: [order("paid", 2)] }), at({ orders: [order("cancelled", 2)] }),
                        at({ areOrdersAwaited: true }), at({ areOrdersAwaited: true, item: { ...item, available: 0 } }),
                        at({ areOrdersAwaited: true, orders: [order("paid", 2)] }), at({ areOrdersAwaited: true, sale: { ...sale, state: "paused" } }),
                    ].join(),
                };
                """) as? [String: String]
        #expect(found?["names"] == "loading,waiting,ready,sending,retrying,held,won,sold_out,limit,paused,closed,unknown,signed_out")
        #expect(
            found?["found"] == """
                loading,loading,unknown,unknown,waiting,ready,ready,sold_out,paused,closed,closed,signed_out,sold_out,sending,won,held,ready,limit,ready,\
                loading,sold_out,limit,paused
                """)
    }

    @Test func aPressThatWasMeantForWhatWasThereBeforeDoesNothing() async throws {
        let found =
            try await inBrowser(
                """
                const { appear, h } = await load("dom.js");
                const seen = [];
                const button = h("button", { click: ({ clientX }) => seen.push(clientX) });
                document.body.append(button);
                const press = (clientX, detail = 1) => button.dispatchEvent(new MouseEvent("click", { bubbles: true, detail, clientX, clientY: 10 }));
                press(10);
                appear(button);
                press(12);
                press(80);
                // By a key, or a program.
                press(81, 0);
                const key = (repeat) => button.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat, bubbles: true, cancelable: true }));
                return [seen.join(), key(false), key(true)].join(" ");
                """) as? String
        #expect(found == "10,80,81 true false")
    }

    @Test func figuresAreWrittenAsTheirReaderDoes() async throws {
        let found =
            try await inBrowser(
                """
                const { money, span } = await load("dom.js");
                return [money(399900, "CNY"), money(500, "JPY"), money(1250, "KWD"), span(7000), span(6001), span(0), span(-5), span(90061000)]
                    .map((text) => text.replace(/\\s/g, " "));
                """) as? [String]
        #expect(found == ["CN¥3,999.00", "¥500", "KWD 1.250", "00:00:07", "00:00:07", "00:00:00", "00:00:00", "1 d 01:01:01"])
    }

    /// What a browser would do by itself depends on its own tables.
    @Test func `money has the digits by which the service counts it`() async throws {
        let currencies = Currency.ofKnownDigits
        #expect(currencies.count > 100)
        let codes = currencies.map { "\"\($0)\"" }.joined(separator: ",")
        let found =
            try await inBrowser(
                """
                const { money } = await load("dom.js");
                return [\(codes)].map((code) => money(1234567, code).replace(/^[^0-9]*/, "").replaceAll(",", ""));
                """) as? [String]
        #expect(found == currencies.map { Money.text(1_234_567, $0) })
    }

    @Test func thePagesStayWithinThirtyKilobytes() async throws {
        let found =
            try await inBrowser(
                """
                const base = document.querySelector("link[rel=modulepreload]").href;
                const sizeOf = async (name) => {
                    const answer = await fetch(new URL(name, base));
                    const zipped = answer.body.pipeThrough(new CompressionStream("gzip"));
                    return (await new Response(zipped).arrayBuffer()).byteLength;
                };
                const names = ["app.css", "icon.svg", "seckill.js", "states.js", "page.js", "dom.js", "buyer.js", "parts.js", "card.js", "sale.js", "sales.js", "orders.js"];
                // Nobody loads more than one language.
                let sum = Math.max(await sizeOf("en.js"), await sizeOf("zh.js"));
                for (const name of names) sum += await sizeOf(name);
                return sum;
                """) as? Int
        let byteCount = try #require(found)
        #expect(byteCount <= 30_000)
    }
}
