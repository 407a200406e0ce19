// One sale while it runs: its stock, its pace, and what can be done about it.

import { addStock, auditSale, closeSale, editItem, extend, pauseOrResume } from "./actions.js";
import { get, part } from "./api.js";
import { field, h, keyed, put, putNumber, setAttribute } from "./dom.js";
import * as format from "./format.js";
import { burn, itemIn, saleIn, stranded, unprovenSince, valueSeries } from "./figures.js";
import { countdown } from "./overview.js";
import { acts as fieldset, Charts, fleetTiles, latencyChart, markAge, moment, outcomesChart, queueChart, Reading, updateFleet } from "./panels.js";
import { inTransit } from "./transit.js";
import { about, durationText, pace } from "./units.js";
import { language, t } from "./words.js";

const lineColors = ["s1", "s8", "s2", "s4", "s3", "s6"];

export function saleView(app, main, [name]) {
    const { live } = app;
    const reading = new Reading((signal) => get(`/admin/v1/sales/${part(name)}`, signal), 3);
    let isBuilt = false;
    let sale = null;
    const charts = new Charts(app.isKiosk);
    main.append(h("h1", {}, name), reading.notice, h("p", { className: "muted" }, t("loading")));
    reading.onRead = () => redraw(live.now());

    const act = async (what, ...rest) => {
        if (!sale || !app.mayWrite || app.isStale || sale.status === "closed") return;
        if (await what(app, sale, ...rest)) await reading.refresh();
    };
    const button = (action, label, what, className) => (app.mayWrite ? h("button", { type: "button", "data-action": action, className, onclick: () => act(what) }, label) : null);
    const pause = button("pause", t("pause"), pauseOrResume);
    const acts = fieldset(pause, button("extend", t("extend"), extend), h("button", { type: "button", "data-action": "audit", onclick: () => auditSale(sale) }, t("audit")),
        button("close", t("close"), closeSale, "danger"));
    const final = h("p", { className: "muted", hidden: true, "data-field": "final" }, t("closedForGood"));
    const head = h("section", { className: "heading" }, h("h1", { "data-field": "title" }), h("span", { className: "badge", "data-field": "state" }), h("span", { className: "muted", "data-field": "countdown" }), app.mayWrite ? final : null, acts);
    const link = (metric, label) => (metric ? h("a", { href: `#/figures/${metric}` }, label) : label);
    const fact = (label, name, { metric, className } = {}) => h("div", {}, h("dt", {}, link(metric, label)), h("dd", { "data-field": name, className }, "–"));
    // Of the reading alone: the feed does not tell it.
    const read = { className: "read" };
    const facts = h("dl", { className: "facts" }, fact(t("obeyed"), "obeyed"), fact(t("fence"), "fence", { metric: "seckill_sales_unproven" }), fact(t("stranded"), "stranded", { metric: "seckill_stock_units" }), fact(t("epoch"), "epoch"), fact(t("version"), "version"),
        fact(t("opens"), "opens", read), fact(t("closes"), "closes", read), fact(t("payWithin"), "payWithin", read),
        h("div", {}, h("dd", {}, h("a", { href: `#/orders?sale=${part(name)}` }, t("orders")), " · ", h("a", { href: `#/history?sale=${part(name)}` }, t("history")))));
    const body = h("tbody");
    const fleet = fleetTiles();

    function build() {
        isBuilt = true;
        const units = "seckill_stock_units";
        const columns = [
            ["item"], ["price", "n"], ["limit", "n"], ["available", "n", units], ["loaded", "n", units], ["inFlight", "n", units], ["committed", "n", units], ["paid", "n"], ["returned", "n"],
            ["rate", "n"], ["timeLeft", "n"],
        ];
        burnChart();
        outcomesChart(charts);
        latencyChart(charts);
        queueChart(charts);
        main.replaceChildren(head, reading.notice, facts,
            h("section", { className: "panel" }, h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("item") }, h("table", { className: "sales items" },
                h("thead", {}, h("tr", {}, columns.map(([name, kind, metric]) => h("th", { scope: "col", className: kind }, link(metric, t(name)))), app.mayWrite ? h("td", { className: "n" }) : null)), body))),
            fleet, h("div", { className: "heading" }, h("h2", {}, t("bought")), charts.windows), charts.node);
    }

    function burnChart() {
        const [n, m] = [lineColors.length, sale.items.length];
        charts.add({
            title: t("burnDown"), metric: "seckill_stock_units", unit: t("unitsUnit"), kind: "burn", note: m > n ? t("firstItems", { n, m }) : "",
        }, (frames) => {
            const series = [];
            sale.items.slice(0, lineColors.length).forEach((item, index) => {
                series.push({ name: item.sku, color: lineColors[index], points: valueSeries(frames, (frame) => itemIn(frame, name, item.sku)?.available), text: (value) => String(Math.round(value)) });
            });
            const [first] = sale.items;
            const { secondsLeft } = first ? burn(frames, name, first.sku) : {};
            const last = frames.length && first ? itemIn(frames[frames.length - 1], name, first.sku) : null;
            return {
                series, sentence: last ? t("s_burn", {
                    left: last.available ?? "–", loaded: last.loaded, sale: first.sku,
                    rest: secondsLeft ? t("soldOutIn", { n: about(secondsLeft) }) : t("noPace"),
                }) : t("s_none"),
            };
        });
    }

    function row(item) {
        const actions = app.mayWrite ? h("td", { className: "n fit" }, fieldset(
            h("button", { type: "button", className: "small", "data-action": "stock", "aria-label": `${t("stock")}: ${item.sku}`, onclick: () => act(addStock, current(item.sku)) }, t("stock")),
            h("button", { type: "button", className: "small", "data-action": "edit", "aria-label": `${t("edit")}: ${item.sku}`, onclick: () => act(editItem, current(item.sku)) }, t("edit")))) : null;
        return h("tr", { "data-sku": item.sku },
            h("th", { scope: "row" }, h("span", { "data-field": "title" }), h("div", { className: "muted mono" }, item.sku), h("div", { className: "bar", "aria-hidden": "true" }, h("i"))),
            ["price", "limit"].map((name) => h("td", { className: "n read", "data-field": name })),
            h("td", { className: "n big", "data-field": "available" }),
            ["loaded", "in_flight", "committed", "paid", "returned", "rate", "timeLeft"].map((name) => h("td", { className: "n", "data-field": name })), actions);
    }

    const current = (sku) => sale.items.find((item) => item.sku === sku);

    function updateItem(node, item) {
        const now = itemIn(live.last ?? { sales: [] }, name, item.sku);
        // The feed is younger than the last reading, unless it stands still.
        const shown = { ...item, ...(live.state === "live" && now ? now : {}) };
        put(field(node, "title"), item.title);
        put(field(node, "price"), format.money(item.unit_price, item.currency, language));
        put(field(node, "limit"), item.limit_per_user);
        for (const name of ["available", "loaded", "committed"]) putNumber(field(node, name), shown[name]);
        putNumber(field(node, "in_flight"), inTransit(live.frames, name, item.sku));
        putNumber(field(node, "paid"), now?.paid);
        putNumber(field(node, "returned"), now?.returned);
        for (const name of ["loaded", "committed"]) markAge(field(node, name), live.last?.units_age_ms);
        for (const name of ["paid", "returned"]) markAge(field(node, name), live.last?.paid_age_ms);
        node.querySelector(".bar i").style.setProperty("--share", shown.loaded ? Math.max(0, (shown.available ?? shown.loaded - shown.committed) / shown.loaded) : 0);
        const { rate, secondsLeft } = burn(live.frames, name, item.sku);
        put(field(node, "rate"), pace(rate));
        put(field(node, "timeLeft"), secondsLeft ? `≈ ${about(secondsLeft)}` : "–");
        for (const one of node.querySelectorAll("button")) one.hidden = sale.status === "closed";
    }

    function redraw(now) {
        reading.tick();
        if (!reading.value) {
            if (reading.error?.status === 404) main.replaceChildren(h("h1", {}, name), h("p", {}, t("unknownSale")));
            return;
        }
        sale = reading.value;
        if (!isBuilt) build();
        const seen = saleIn(live.last ?? { sales: [] }, name);
        // A change that this page made is known before the feed tells it.
        const newest = seen && seen.version >= sale.version ? seen : sale;
        put(field(head, "title"), sale.title);
        const state = field(head, "state");
        setAttribute(state, "data-state", newest.state);
        setAttribute(state, "data-status", newest.status);
        put(state, t(`state_${newest.state}`));
        put(field(head, "countdown"), countdown(sale, newest.state, now));
        if (pause) {
            const verb = newest.status === "paused" ? "resume" : "pause";
            setAttribute(pause, "data-action", verb);
            put(pause, t(verb));
            for (const one of acts.querySelectorAll("[data-action=pause], [data-action=resume], [data-action=extend], [data-action=close]")) one.hidden = newest.status === "closed";
            final.hidden = newest.status !== "closed";
            sale.status = newest.status;
        }
        put(field(facts, "obeyed"), seen ? t("obeyedBy", { n: seen.obeyed_by, m: live.last.nodes.length }) : "–");
        const since = newest.fence === "proven" ? null : unprovenSince(live.frames, name);
        put(field(facts, "fence"), `${t(`fence_${newest.fence}`)}${since ? ` ${t("since_at", { at: `${format.utc(since, "clock")} UTC` })}` : ""}`);
        put(field(facts, "stranded"), live.last ? t("unitSeconds", { n: Math.round(stranded(live.frames, name)) }) : "–");
        put(field(facts, "epoch"), newest.epoch);
        put(field(facts, "version"), newest.version);
        put(field(facts, "opens"), moment(sale.opens_at));
        put(field(facts, "closes"), moment(sale.closes_at));
        put(field(facts, "payWithin"), durationText(sale.pay_within));
        keyed(body, sale.items, (item) => item.sku, row, updateItem);
        updateFleet(fleet, live);
        charts.redraw(live);
    }

    return { redraw, pause: () => act(pauseOrResume), remove() { reading.remove(); charts.remove(); } };
}
