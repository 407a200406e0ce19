// Charts on canvas, by hand: lines, stacked areas, a heat map, a burn-down. All of a page share one crosshair.

import { h, put } from "./dom.js";
import { whence } from "./metrics.js";
import { t } from "./words.js";

const margin = { left: 46, right: 10, top: 8, bottom: 20 };
const cursor = { at: null, charts: new Set() };
const tableRows = 60;

function moveCursor(at) {
    cursor.at = at;
    for (const chart of cursor.charts) chart.draw();
}

/** Round numbers from 0 up to just above the largest value. */
export function ticks(max, count = 3) {
    const raw = (max > 0 ? max : 1) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
    const top = Math.ceil((max > 0 ? max : 1) / step - 1e-9) * step;
    const all = [];
    for (let value = 0; value <= top * 1.0001; value += step) all.push(value);
    return { all, top };
}

export function short(value) {
    const size = Math.abs(value);
    if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)} M`;
    if (size >= 1e4) return `${+(value / 1e3).toPrecision(3)} k`;
    return String(size >= 100 ? Math.round(value) : +value.toPrecision(3));
}

/** The stretches between points without a value. */
function unbroken(points) {
    const runs = [[]];
    for (const point of points) {
        if (point[1] === null) runs.push([]);
        else runs[runs.length - 1].push(point);
    }
    return runs.filter((run) => run.length);
}

const clock = (time) => new Date(time).toISOString().slice(11, 19);

/**
 * One chart with its caption, legend and table.
 *
 * `set` takes `{from, to, series: [{name, color, points, dashed}], sentence}`; a heat map also `columns: [[time, shares]]`
 * and `rows` (a label per share), its series then count in rows. `empty` says why there is nothing to be seen.
 */
export class Chart {
    #data = null;
    #legend = h("div", { className: "legend" });
    #canvas = h("canvas", { role: "img" });
    #context = this.#canvas.getContext("2d");
    #table = h("div", { className: "scroll", hidden: true, "data-scrolls": true, tabindex: "0" });
    #button = h("button", { type: "button", className: "quiet", onclick: () => this.#toggleTable() }, t("asTable"));

    constructor({ title, metric, unit = "", kind = "line", note = "", text = short, axis = short }) {
        this.kind = kind;
        this.title = title;
        this.text = text;
        this.axis = axis;
        this.node = h("figure", { className: `chart ${kind}` },
            h("figcaption", {}, h("b", {}, title), unit ? h("span", {}, unit) : null, whence(metric, title), this.#button), this.#legend, this.#canvas, this.#table,
            note ? h("p", { className: "note" }, note) : null);
        this.#canvas.addEventListener("pointermove", (event) => {
            if (this.#data) moveCursor(this.#time(event.offsetX));
        });
        this.#canvas.addEventListener("pointerleave", () => moveCursor(null));
        cursor.charts.add(this);
        this.observer = new ResizeObserver(() => this.draw());
        this.observer.observe(this.#canvas);
    }

    remove() {
        cursor.charts.delete(this);
        this.observer.disconnect();
        this.node.remove();
    }

    set(data) {
        this.#data = data;
        const label = `${this.title}, ${t("minutes", { n: Math.round((data.to - data.from) / 60000) })}: ${data.sentence}`;
        if (this.#canvas.getAttribute("aria-label") !== label) this.#canvas.setAttribute("aria-label", label);
        this.draw();
    }

    get #plot() {
        const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
        return { width, height, inner: width - margin.left - margin.right, depth: height - margin.top - margin.bottom };
    }

    #time(x) {
        const { inner } = this.#plot;
        const share = Math.min(1, Math.max(0, (x - margin.left) / inner));
        return this.#data.from + share * (this.#data.to - this.#data.from);
    }

    draw() {
        const { width, height, inner, depth } = this.#plot;
        if (!this.#data || this.#canvas.hidden || inner <= 0) return;
        const [data, scale, context] = [this.#data, devicePixelRatio || 1, this.#context];
        if (this.#canvas.width !== Math.round(width * scale) || this.#canvas.height !== Math.round(height * scale)) {
            this.#canvas.width = Math.round(width * scale);
            this.#canvas.height = Math.round(height * scale);
        }
        const style = getComputedStyle(this.node);
        const color = (name) => style.getPropertyValue(`--${name}`).trim();
        context.setTransform(scale, 0, 0, scale, 0, 0);
        context.clearRect(0, 0, width, height);
        context.font = `11px ${style.getPropertyValue("font-family")}`;
        const x = (time) => margin.left + ((time - data.from) / (data.to - data.from)) * inner;
        const axis = this.kind === "heat" ? this.#rows(data) : this.#scale(data);
        const y = (value) => margin.top + depth - (value / axis.top) * depth;

        context.lineWidth = 1;
        context.textBaseline = "middle";
        context.textAlign = "right";
        for (const [value, label] of axis.labels) {
            context.strokeStyle = color("line");
            context.beginPath();
            context.moveTo(margin.left, Math.round(y(value)) + 0.5);
            context.lineTo(width - margin.right, Math.round(y(value)) + 0.5);
            context.stroke();
            context.fillStyle = color("muted");
            context.fillText(label, margin.left - 6, y(value));
        }
        this.#drawTimes(context, data, x, height, width);
        context.save();
        context.beginPath();
        context.rect(margin.left, margin.top - 2, inner, depth + 4);
        context.clip();
        if (this.kind === "heat") this.#drawCells(context, data, x, depth / axis.top, y, color);
        if (this.kind === "stack") this.#drawStack(context, data, x, y, color);
        else for (const series of data.series) this.#drawLine(context, series, x, y, color);
        context.restore();
        if (data.empty) {
            context.fillStyle = color("muted");
            context.textAlign = "center";
            context.fillText(data.empty, margin.left + inner / 2, margin.top + depth / 2);
        }
        if (cursor.at !== null && cursor.at >= data.from && cursor.at <= data.to) {
            context.strokeStyle = color("muted");
            context.setLineDash([3, 3]);
            context.beginPath();
            context.moveTo(x(cursor.at), margin.top);
            context.lineTo(x(cursor.at), margin.top + depth);
            context.stroke();
            context.setLineDash([]);
        }
        this.#writeLegend(color);
    }

    #scale(data) {
        let max = 0;
        if (this.kind === "stack") {
            const sums = new Map();
            for (const series of data.series) for (const [time, value] of series.points) sums.set(time, (sums.get(time) ?? 0) + (value ?? 0));
            for (const total of sums.values()) max = Math.max(max, total);
        } else {
            for (const series of data.series) for (const [, value] of series.points) if (Number.isFinite(value)) max = Math.max(max, value);
        }
        const { all, top } = ticks(max);
        return { top, labels: all.map((value) => [value, this.axis(value)]) };
    }

    #rows(data) {
        return { top: data.rows.length, labels: data.rows.map((label, index) => [index + 1, label]).filter(([, label]) => label) };
    }

    #drawTimes(context, data, x, height, width) {
        const span = (data.to - data.from) / 1000;
        const step = [10, 15, 30, 60, 120, 300].find((candidate) => (span / candidate) * 62 < width - margin.left) ?? 300;
        context.textAlign = "center";
        context.fillStyle = getComputedStyle(this.node).getPropertyValue("--muted");
        for (let time = Math.ceil(data.from / 1000 / step) * step * 1000; time <= data.to; time += step * 1000) {
            if (x(time) < margin.left + 24 || x(time) > width - margin.right - 22) continue;
            context.fillText(step < 60 ? clock(time) : clock(time).slice(0, 5), x(time), height - 8);
        }
    }

    #drawLine(context, series, x, y, color) {
        context.strokeStyle = color(series.color);
        context.lineWidth = series.dashed ? 1.5 : 2;
        context.lineJoin = "round";
        context.setLineDash(series.dashed ? [5, 4] : []);
        context.beginPath();
        let isDrawing = false;
        for (const [time, value] of series.points) {
            if (!Number.isFinite(value)) { isDrawing = false; continue; }
            if (isDrawing) context.lineTo(x(time), y(value));
            else context.moveTo(x(time), y(value));
            isDrawing = true;
        }
        context.stroke();
        context.setLineDash([]);
    }

    #drawStack(context, data, x, y, color) {
        const base = new Map();
        for (const series of data.series) {
            if (!series.points.length) continue;
            context.fillStyle = color(series.color);
            const tops = series.points.map(([time, value]) => [time, value === null ? null : (base.get(time) ?? 0) + value]);
            for (const run of unbroken(tops)) {
                context.beginPath();
                run.forEach(([time, value], index) => (index ? context.lineTo(x(time), y(value)) : context.moveTo(x(time), y(value))));
                for (const [time] of run.reverse()) context.lineTo(x(time), y(base.get(time) ?? 0));
                context.fill();
            }
            for (const [time, value] of tops) base.set(time, value ?? 0);
        }
    }

    #drawCells(context, data, x, rowHeight, y, color) {
        context.fillStyle = color("s1");
        data.columns.forEach(([time, shares], column) => {
            const before = column ? data.columns[column - 1][0] : time - 1000;
            const left = x(Math.max(before, time - 2500));
            shares.forEach((share, row) => {
                if (!share) return;
                // By the root, so that the few slow ones are to be seen beside the many quick ones.
                context.globalAlpha = 0.12 + 0.88 * Math.sqrt(share);
                context.fillRect(left, y(row + 1), Math.max(1, x(time) - left), Math.max(1, rowHeight - 0.5));
            });
        });
        context.globalAlpha = 1;
    }

    /** The value at the crosshair, or the newest. */
    #valueOf(series) {
        const points = series.points;
        if (!points.length) return null;
        if (cursor.at === null) return points[points.length - 1][1];
        let best = points[0];
        for (const point of points) if (Math.abs(point[0] - cursor.at) < Math.abs(best[0] - cursor.at)) best = point;
        return Math.abs(best[0] - cursor.at) <= 2500 ? best[1] : null;
    }

    #writeLegend(color) {
        const series = this.#data.series;
        while (this.#legend.children.length > series.length) this.#legend.lastChild.remove();
        series.forEach((one, index) => {
            let entry = this.#legend.children[index];
            if (!entry) this.#legend.append((entry = h("span", {}, h("i"), h("span"), h("b"))));
            const [mark, name, value] = entry.children;
            mark.style.setProperty("--c", color(one.color));
            mark.className = one.dashed ? "dashed" : "";
            put(name, one.name);
            const at = this.#valueOf(one);
            put(value, at === null || at === undefined ? "" : (one.text ?? this.text)(at));
            entry.hidden = Boolean(one.isQuiet);
        });
    }

    #toggleTable() {
        const shows = this.#table.hidden;
        this.#table.hidden = !shows;
        this.#canvas.hidden = shows;
        this.#button.setAttribute("aria-pressed", String(shows));
        put(this.#button, shows ? t("asChart") : t("asTable"));
        if (shows) this.#table.replaceChildren(this.#tableOf(this.#data));
        else this.draw();
    }

    /** The last minute as it was when it was asked for: what moves cannot be read out. */
    #tableOf(data) {
        if (!data) return h("p", {}, t("nothingYet"));
        const times = [...new Set(data.series.flatMap((one) => one.points.map(([time]) => time)))].sort((a, b) => b - a).slice(0, tableRows);
        const values = data.series.map((one) => new Map(one.points));
        return h("table", {},
            h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "UTC"), data.series.map((one) => h("th", { scope: "col" }, one.name)))),
            h("tbody", {}, times.map((time) => h("tr", {}, h("th", { scope: "row" }, clock(time)), values.map((list, index) => {
                const value = list.get(time);
                return h("td", {}, Number.isFinite(value) ? (data.series[index].text ?? this.text)(value) : "–");
            })))));
    }
}
