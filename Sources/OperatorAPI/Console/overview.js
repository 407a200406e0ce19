// All sales at a glance, and how the fleet does.

import { get, part } from "./api.js";
import { field, h, keyed, put, putNumber, setAttribute } from "./dom.js";
import * as format from "./format.js";
import { burn, fleetMax, isServing, itemIn, pacedSalesMin, saleIn } from "./figures.js";
import { badge, Charts, fleetTiles, latencyChart, leads, markAge, outcomesChart, Reading, updateFleet } from "./panels.js";
import { about, pace, span } from "./units.js";
import { t } from "./words.js";

export function overviewView(app, main) {
    const { live } = app;
    const sales = new Reading((signal) => get("/admin/v1/sales", signal), 5);
    let showsClosed = false;
    const fleet = fleetTiles();
    const body = h("tbody");
    const message = h("p", { className: "muted", hidden: true });
    const toggle = h("button", { type: "button", className: "quiet", onclick: () => { showsClosed = !showsClosed; redraw(live.now()); } });
    const footer = h("p", { hidden: true }, toggle);
    const charts = new Charts(app.isKiosk);
    outcomesChart(charts);
    latencyChart(charts);
    const columns = [["sale"], ["state"], ["sold", "n"], ["left", "n"], ["rate", "n"], ["timeLeft", "n"], ["attention"]];
    main.append(
        h("h1", { className: app.isKiosk ? "unseen" : null }, t("overview")), fleet, sales.notice,
        h("section", { className: "panel" }, h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("sales") }, h("table", { className: "sales" },
            h("thead", {}, h("tr", {}, columns.map(([name, kind]) => h("th", { scope: "col", className: kind }, t(name))))), body)), message,
        footer),
        h("div", { className: "heading" }, h("h2", {}, t("bought")), charts.windows), charts.node);
    sales.onRead = () => redraw(live.now());

    function row(sale) {
        return leads(h("tr", { "data-sale": sale.sale },
            h("th", { scope: "row" }, h("a", { href: `#/sales/${part(sale.sale)}` }, h("span", { "data-field": "title" })), h("div", { className: "muted mono" }, sale.sale)),
            h("td", { className: "fit" }, h("span", { className: "badge", "data-field": "state" }), h("div", { className: "muted", "data-field": "countdown" })),
            h("td", { className: "n" }, h("span", { className: "big", "data-field": "sold" }), " ", h("span", { className: "muted" }, `${t("of")} `, h("span", { "data-field": "ofLoaded" })), h("div", { className: "bar", "aria-hidden": "true" }, h("i"))),
            h("td", { className: "n" }, h("span", { className: "big", "data-field": "left" })),
            h("td", { className: "n", "data-field": "rate" }), h("td", { className: "n", "data-field": "timeLeft" }),
            h("td", {}, h("div", { className: "badges" }))));
    }

    function update(node, sale, now) {
        const current = saleIn(live.last ?? { sales: [] }, sale.sale);
        const state = current?.state ?? sale.state;
        const status = current?.status ?? sale.status;
        put(field(node, "title"), sale.title);
        const shown = field(node, "state");
        setAttribute(shown, "data-state", state);
        setAttribute(shown, "data-status", status);
        put(shown, t(`state_${state}`));
        put(field(node, "countdown"), countdown(sale, state, now));
        const items = sale.items.map((item) => ({ ...item, ...(itemIn(live.last ?? { sales: [] }, sale.sale, item.sku) ?? {}) }));
        const total = (name) => items.reduce((sum, item) => sum + (item[name] ?? 0), 0);
        const [loaded, committed] = [total("loaded"), total("committed")];
        const isKnown = items.every((item) => item.available !== null);
        putNumber(field(node, "sold"), committed);
        putNumber(field(node, "ofLoaded"), loaded);
        for (const name of ["sold", "ofLoaded"]) markAge(field(node, name), live.last?.units_age_ms);
        putNumber(field(node, "left"), isKnown ? total("available") : loaded - committed);
        const bar = node.querySelector(".bar");
        bar.firstChild.style.setProperty("--share", loaded ? Math.min(1, committed / loaded) : 0);
        setAttribute(bar, "data-tone", state === "sold_out" || state === "closed" ? "bad" : null);
        const burns = items.map((item) => burn(live.frames, sale.sale, item.sku));
        const rate = burns.reduce((sum, one) => sum + (one.rate ?? 0), 0);
        const sold = burns.reduce((sum, one) => sum + one.sold, 0);
        put(field(node, "rate"), current && burns.some((one) => one.rate !== null) ? pace(rate) : "–");
        put(field(node, "timeLeft"), state === "open" && isKnown && sold >= pacedSalesMin ? `≈ ${about(total("available") / rate)}` : "–");
        updateBadges(node.querySelector(".badges"), sale, current, items, state);
    }

    function updateBadges(parent, sale, current, items, state) {
        const list = [];
        const nodes = live.last?.nodes ?? [];
        if (state !== "closed" && (current?.fence ?? sale.fence) !== "proven") list.push(["unproven", t("badge_unproven"), "bad"]);
        if (current && current.obeyed_by < nodes.length) list.push(["obeyed", t("badge_notObeyed", { n: current.obeyed_by, m: nodes.length }), "warn"]);
        if (state === "open" && fleetMax(live.last ?? { nodes: [] }, "queue_age_ms") > 2000) list.push(["queue", t("badge_queue"), "bad"]);
        if (state === "open" && nodes.some((node) => !isServing(node))) list.push(["nodes", t("badge_nodes"), "bad"]);
        for (const item of items) if (state === "open" && item.available === 0) list.push([`out ${item.sku}`, t("badge_out", { sku: item.sku }), ""]);
        keyed(parent, list, ([name]) => name, ([, text, tone]) => badge(text, tone), (node, [, text]) => put(node, text));
    }

    function redraw(now) {
        sales.tick();
        updateFleet(fleet, live);
        charts.redraw(live);
        if (!sales.value) return;
        const all = [...sales.value.sales].sort(inOrder);
        const closed = all.filter((sale) => sale.state === "closed");
        const shown = showsClosed ? all : all.filter((sale) => sale.state !== "closed");
        keyed(body, shown, (sale) => sale.sale, row, (node, sale) => update(node, sale, now));
        message.hidden = shown.length > 0;
        if (!shown.length) put(message, t(all.length ? "noOpenSales" : "noSales"));
        footer.hidden = !closed.length || app.isKiosk;
        put(toggle, t(showsClosed ? "hideClosed" : "showClosed", { n: closed.length }));
    }

    return { redraw, remove() { sales.remove(); charts.remove(); } };
}

const order = ["open", "paused", "sold_out", "not_started", "closed"];
const inOrder = (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.opens_at.localeCompare(b.opens_at) || a.sale.localeCompare(b.sale);

/** How long until the next thing that the clock does to a sale. */
export function countdown(sale, state, now) {
    const [opens, closes] = [Date.parse(sale.opens_at), Date.parse(sale.closes_at)];
    if (state === "closed") return now >= closes ? `${t("closedSince")} ${format.utc(closes)} UTC` : "";
    if (now < opens) return `${t("opensIn")} ${span(opens - now)}`;
    return `${t("closesIn")} ${span(closes - now)}`;
}
