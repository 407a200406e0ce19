// Parts that several pages show: figures, charts over one window of time, rows of facts.

import { Chart } from "./charts.js";
import { field, h, put, putNumber, setAttribute } from "./dom.js";
import * as format from "./format.js";
import {
    bucketBounds, bucketGains, commitGains, countOf, fleetMax, fleetSum, frameBefore, isAfterGap, isServing, latency, oldMilliseconds, outcomeGroups, quantile, rateOf,
    rateSeries, silentStores, valueSeries,
} from "./figures.js";
import { whence } from "./metrics.js";
import { about, seconds } from "./units.js";
import { t } from "./words.js";

/** `[name, label, metric]` as tiles; the mark beside a label leads to where the number comes from. */
export function tiles(list) {
    return h("dl", { className: "figures" }, list.map(([name, label, metric, unit]) => h("div", { "data-tile": name },
        h("dt", {}, h("span", {}, label), whence(metric, label)),
        h("dd", {}, h("span", { "data-field": name }, "–"), unit ? h("small", {}, unit) : null))));
}

export function tone(root, name, value) {
    setAttribute(root.querySelector(`[data-tile="${name}"]`), "data-tone", value);
}

export const fleetTiles = () => tiles([
    ["nodes", t("nodesServing"), "seckill_ready"], ["stores", t("stores"), "seckill_redis_up"], ["confirmed", t("confirmedPerSecond"), "seckill_purchases_total", t("perSecond")],
    ["refused", t("refusedPerSecond"), "seckill_purchases_total", t("perSecond")], ["p50", t("p50"), "seckill_purchase_duration_seconds"],
    ["p99", t("p99"), "seckill_purchase_duration_seconds"], ["commit", t("p99Commit"), "seckill_commit_duration_seconds"],
    ["queue", t("queue"), "seckill_queue_orders"], ["age", t("queueAge"), "seckill_queue_age_seconds"], ["admitted", t("admitted"), "seckill_admitted_purchases"],
    ["shed", t("shedPerSecond"), "seckill_requests_shed_total", t("perSecond")], ["streams", t("streams"), "seckill_streams_open"],
]);

const confirmed = (frame) => countOf(frame.totals.outcomes, ["committed"]);
const answered = (frame) => Object.values(frame.totals.outcomes ?? {}).reduce((a, b) => a + b, 0);
const refused = (frame) => answered(frame) - countOf(frame.totals.outcomes, ["committed", "reserved", "replayed"]);
const shed = (frame) => Object.values(frame.totals.shed ?? {}).reduce((a, b) => a + b, 0);

/** Where `ask` leads to; the shell switches all of them off while nobody answers. */
export const acts = (...buttons) => h("fieldset", { className: "acts", "data-acts": true }, buttons);

/** The whole row leads where its link leads, beside what else can be pressed or selected in it. */
export function leads(row) {
    row.classList.add("leads");
    row.addEventListener("click", (event) => {
        if (!event.target.closest("a, button, summary") && getSelection().isCollapsed) row.querySelector("a").click();
    });
    return row;
}

export function updateFleet(root, live) {
    const { frames, last } = live;
    if (!last) return;
    const serving = last.nodes.filter(isServing).length;
    put(field(root, "nodes"), `${serving}/${last.nodes.length}`);
    tone(root, "nodes", serving === 0 || serving < last.nodes.length ? "bad" : null);
    const silent = silentStores(frames);
    put(field(root, "stores"), silent?.length ? t("silent", { stores: silent.join(", ") }) : silent && t("ok"));
    tone(root, "stores", silent?.length ? "bad" : null);
    put(field(root, "confirmed"), format.rate(rateOf(frames, confirmed)));
    put(field(root, "refused"), format.rate(rateOf(frames, refused)));
    const { p50, p99 } = latency(frames);
    put(field(root, "p50"), seconds(p50));
    put(field(root, "p99"), seconds(p99));
    tone(root, "p99", p99 > 1 ? "warn" : null);
    const before = frameBefore(frames, 10);
    put(field(root, "commit"), seconds(before === last ? null : quantile(commitGains(before, last), 0.99)));
    putNumber(field(root, "queue"), fleetSum(last, "queue"));
    const age = fleetMax(last, "queue_age_ms") / 1000;
    put(field(root, "age"), age ? seconds(age) : "0");
    tone(root, "age", age > 2 ? "bad" : null);
    putNumber(field(root, "admitted"), fleetSum(last, "admitted"));
    const lost = rateOf(frames, shed);
    put(field(root, "shed"), format.rate(lost));
    tone(root, "shed", lost > 5 ? "bad" : null);
    putNumber(field(root, "streams"), fleetSum(last, "streams"));
}

/** A number that a store said long ago grows pale, and tells how long. */
export function markAge(node, milliseconds) {
    const isOld = milliseconds > oldMilliseconds;
    node.classList.toggle("old", isOld);
    setAttribute(node, "title", isOld ? t("countedAgo", { n: about(milliseconds / 1000) }) : null);
}

/** Charts that share a window of time, and the buttons that choose it. */
export class Charts {
    #minutes = 5;
    #all = [];

    constructor(isKiosk) {
        this.node = h("div", { className: "charts" });
        this.windows = h("div", { className: "windows acts", hidden: isKiosk }, [1, 5, 15].map((minutes) => h("button", {
            type: "button", className: "small", "aria-pressed": String(minutes === this.#minutes), onclick: (event) => {
                this.#minutes = minutes;
                for (const button of this.windows.children) button.setAttribute("aria-pressed", String(button === event.currentTarget));
                this.redraw(this.live);
            },
        }, t("minutes", { n: minutes }))));
    }

    add(options, data) {
        const chart = new Chart(options);
        this.#all.push({ chart, data });
        this.node.append(chart.node);
        return chart;
    }

    redraw(live) {
        this.live = live;
        const to = live?.last?.time;
        if (!to) return;
        const from = to - this.#minutes * 60000;
        let first = live.frames.findIndex((frame) => frame.time >= from);
        if (first > 0) first -= 1;
        const frames = live.frames.slice(first);
        for (const { chart, data } of this.#all) chart.set({ from, to, ...data(frames) });
    }

    remove() {
        for (const { chart } of this.#all) chart.remove();
    }
}

export function outcomesChart(charts) {
    charts.add({ title: t("outcomes"), metric: "seckill_purchases_total", unit: t("perSecondUnit"), kind: "stack", text: format.rate }, (frames) => {
        const series = outcomeGroups.map(([name, color, names]) => ({
            name: t(`o_${name}`), color, points: rateSeries(frames, (frame) => countOf(frame.totals.outcomes, names)),
        })).filter((one, index) => index === 0 || one.points.some(([, value]) => value > 0));
        const isEmpty = !series.some((one) => one.points.some(([, value]) => value > 0));
        return { series, empty: isEmpty ? t("noPurchases") : "", sentence: isEmpty ? t("noPurchases") : t("s_rate", { n: format.rate(rateOf(frames, confirmed)), m: format.rate(rateOf(frames, refused)) }) };
    });
}

const boundLabel = (bound) => (bound < 0.001 ? `${Math.round(bound * 1e6)} µs` : bound < 1 ? `${+(bound * 1000).toPrecision(2)} ms` : `${bound} s`);
/** Where a latency lies among the buckets, in rows. */
const rowOf = (value, first) => {
    if (value === null) return null;
    let index = bucketBounds.findIndex((bound) => value <= bound);
    if (index < 0) return bucketBounds.length - first;
    const low = index ? bucketBounds[index - 1] : 0;
    return index - first + (value - low) / (bucketBounds[index] - low);
};

export function latencyChart(charts) {
    // From 250 µs on: no purchase is confirmed in less.
    const first = 5;
    charts.add({ title: t("latency"), metric: "seckill_purchase_duration_seconds", unit: t("latencyUnit"), kind: "heat", note: t("latencyNote"), text: seconds }, (frames) => {
        const [columns, p50, p99] = [[], [], []];
        for (let index = 1; index < frames.length; index++) {
            if (isAfterGap(frames, index)) {
                p50.push([frames[index].time, null]);
                p99.push([frames[index].time, null]);
                continue;
            }
            const gains = bucketGains(frames[index - 1], frames[index]);
            const total = gains.reduce((a, b) => a + b, 0);
            const time = frames[index].time;
            if (total) columns.push([time, gains.slice(first).map((count, row) => (row ? count : count + gains.slice(0, first).reduce((a, b) => a + b, 0)) / total)]);
            p50.push([time, rowOf(quantile(gains, 0.5), first)]);
            p99.push([time, rowOf(quantile(gains, 0.99), first)]);
        }
        const rows = [...bucketBounds.slice(first), 31].map((bound, index) => (index % 3 === 1 ? boundLabel(bound) : ""));
        const text = (row) => {
            const index = Math.min(bucketBounds.length - 1, Math.floor(row) + first);
            const low = index ? bucketBounds[index - 1] : 0;
            return seconds(low + (row - Math.floor(row)) * (bucketBounds[index] - low));
        };
        const now = latency(frames);
        return {
            columns, rows, empty: columns.length ? "" : t("noPurchases"), series: [{ name: "p50", color: "text", points: p50, text, dashed: true }, { name: "p99", color: "s8", points: p99, text }],
            sentence: now.p50 === null ? t(columns.length ? "noPace" : "noPurchases") : t("s_latency", { p50: seconds(now.p50), p99: seconds(now.p99) }),
        };
    });
}

export function queueChart(charts) {
    charts.add({ title: t("queueChart"), metric: "seckill_queue_orders", unit: t("ordersUnit") }, (frames) => ({
        series: [
            { name: t("queue"), color: "s1", points: valueSeries(frames, (frame) => fleetSum(frame, "queue")) },
            { name: t("admitted"), color: "s3", points: valueSeries(frames, (frame) => fleetSum(frame, "admitted")) },
        ],
        sentence: frames.length ? t("s_queue", { n: fleetSum(frames[frames.length - 1], "queue"), age: seconds(fleetMax(frames[frames.length - 1], "queue_age_ms") / 1000) }) : t("s_none"),
    }));
}

/**
 * Reads now and then, one answer at a time. What was read stays when nothing newer can be:
 * `notice`, which a page puts above it, says so, and of when it is.
 */
export class Reading {
    value = null;
    error = null;
    notice = h("p", { className: "reading", role: "alert" });
    #readAt = 0;
    #isReading = false;
    #nextAt = 0;
    #controller = new AbortController();

    constructor(read, everySeconds) {
        Object.assign(this, { read, everySeconds });
    }

    /** Reads when it is time; returns whether there is something new since the last call. */
    tick() {
        if (!this.#isReading && performance.now() >= this.#nextAt) this.refresh();
        const isNew = this.isNew;
        this.isNew = false;
        return isNew;
    }

    async refresh() {
        if (this.#isReading) return;
        this.#isReading = true;
        try {
            this.value = await this.read(this.#controller.signal);
            this.error = null;
            this.#readAt = Date.now();
        } catch (error) {
            this.error = error;
        }
        put(this.notice, this.#said());
        this.isNew = true;
        this.#isReading = false;
        this.#nextAt = performance.now() + this.everySeconds * 1000 * (0.8 + Math.random() * 0.4);
        this.onRead?.();
    }

    #said() {
        if (!this.error) return "";
        const why = reason(this.error);
        return this.value ? t("readAt", { at: `${format.utc(this.#readAt, "clock")} UTC`, why }) : t("failed", { why });
    }

    remove() { this.#controller.abort(); this.#nextAt = Infinity; this.onRead = null; }
}

/** `2026-11-28 04:05:06 UTC · 12:05:06`, with the local date where it is another. */
export function moment(time) {
    if (!time) return "–";
    const [utc, local] = [format.utc(time), format.local(time)];
    if (format.isUTC()) return `${utc} UTC`;
    return `${utc} UTC · ${local.slice(0, 10) === utc.slice(0, 10) ? local.slice(11) : local}`;
}
/** A time in UTC, as everywhere in lists, with the local one for whoever asks. */
export const when = (time) => h("time", { datetime: time, title: `${format.local(time)} ${Intl.DateTimeFormat().resolvedOptions().timeZone}` }, format.utc(time), h("small", {}, " UTC"));

const reason = (error) => error.message || t("unreachable");
export const failure = (error) => h("p", { role: "alert" }, t("failed", { why: reason(error) }));

export const badge = (text, tone) => h("span", { className: "badge", "data-tone": tone }, text);
