// The nodes that serve: how each does, and how one is taken out.

import { askReason } from "./actions.js";
import { get, part } from "./api.js";
import { field, h, keyed, put, putNumber, setAttribute } from "./dom.js";
import * as format from "./format.js";
import { fleetMax, isServing, valueSeries } from "./figures.js";
import { acts, Charts, fleetTiles, queueChart, Reading, updateFleet } from "./panels.js";
import { about, seconds } from "./units.js";
import { phrase } from "./sentences.js";
import { named, t } from "./words.js";

export function nodesView(app, main) {
    const { live } = app;
    const reading = new Reading((signal) => get("/admin/v1/nodes", signal), 3);
    const body = h("tbody");
    const message = h("p", { className: "muted", hidden: true });
    const fleet = fleetTiles();
    const charts = new Charts(app.isKiosk);
    charts.add({ title: t("lagChart"), metric: "seckill_event_loop_lag_seconds", unit: t("msUnit") }, (frames) => ({
        series: [{ name: "p99", color: "s1", points: valueSeries(frames, (frame) => fleetMax(frame, "loop_lag_ms")) }],
        sentence: frames.length ? `${Math.round(fleetMax(frames[frames.length - 1], "loop_lag_ms"))} ms` : t("s_none"),
    }));
    queueChart(charts);
    const columns = [["node"], ["status"], ["queue", "n"], ["admitted", "n"], ["connections", "n"], ["streams", "n"], ["lag", "n"], ["cpu", "n"], ["memory", "n"], ["up", "n"], ["seen", "n"]];
    main.append(h("h1", {}, t("nodes")), fleet, reading.notice, h("section", { className: "panel" }, h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("nodes") }, h("table", {},
        h("thead", {}, h("tr", {}, columns.map(([name, kind]) => h("th", { scope: "col", className: kind }, t(name))), app.mayWrite ? h("td") : null)), body)), message),
    h("div", { className: "heading" }, charts.windows), charts.node);
    reading.onRead = () => redraw(live.now());

    const drain = (node) => askReason(app, {
        title: t("drainTitle", { node: node.name }), text: t("drainText"), action: t("drain"), done: () => t("drainAsked", { node: node.name }),
        change: (reason) => ({ path: `/admin/v1/nodes/${part(node.id)}/drain`, body: { reason } }),
    });

    const row = (node) => h("tr", { "data-node": node.id },
        h("th", { scope: "row" }, h("span", { className: "mono" }, node.name), h("div", { className: "muted mono", "data-field": "address" })),
        h("td", {}, h("span", { className: "badge", "data-field": "state" }), h("div", { className: "muted", "data-field": "checks" })),
        ["queue", "admitted", "connections", "streams", "lag", "cpu", "memory", "up", "seen"].map((name) => h("td", { className: "n", "data-field": name })),
        app.mayWrite ? h("td", { className: "n" }, acts(h("button", { type: "button", className: "small", "data-action": "drain", "aria-label": `${t("drain")}: ${node.name}`, onclick: () => drain(node) }, t("drain")))) : null);

    function update(node, one, now) {
        const heard = live.last?.nodes.find((other) => other.id === one.id);
        const current = heard ?? one;
        setAttribute(node, "data-stale", !heard && reading.error !== null);
        put(field(node, "address"), `${one.address} · ${one.version}`);
        const state = field(node, "state");
        setAttribute(state, "data-tone", isServing(current) ? "good" : current.draining ? "warn" : "bad");
        put(state, current.draining ? t("draining") : current.ready ? t("ready") : t("notReady"));
        put(field(node, "checks"), Object.entries(one.checks).map(([name, what]) => `${named("check", name)}: ${phrase(what)}`).join("; "));
        for (const name of ["queue", "admitted", "connections"]) putNumber(field(node, name), current[name]);
        putNumber(field(node, "streams"), current.streams);
        put(field(node, "lag"), current.loop_lag_ms === undefined || current.loop_lag_ms === null ? "–" : seconds(current.loop_lag_ms / 1000));
        put(field(node, "cpu"), current.cpu === undefined || current.cpu === null ? "–" : t("cores", { n: current.cpu.toFixed(2) }));
        put(field(node, "memory"), format.bytes(current.rss_bytes));
        put(field(node, "up"), about((now - Date.parse(one.started_at)) / 1000));
        put(field(node, "seen"), one.seen_at ? `${format.utc(one.seen_at, "clock")} UTC` : "–");
    }

    function redraw(now) {
        reading.tick();
        updateFleet(fleet, live);
        charts.redraw(live);
        if (!reading.value) return;
        const { nodes } = reading.value;
        keyed(body, nodes, (node) => node.id, row, (node, one) => update(node, one, now));
        message.hidden = nodes.length > 0;
        put(message, t("noNodes"));
    }

    return { redraw, remove() { reading.remove(); charts.remove(); } };
}
