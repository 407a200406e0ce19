// Both stores, as this node sees them.

import { get } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { badge, Reading } from "./panels.js";
import { named, t } from "./words.js";

/** A member of the answer as people read it: its unit stands at the end of its name. */
function shown(name, value) {
    if (value === null || value === undefined || value === "") return "–";
    if (typeof value === "boolean") return badge(t(value ? "yes" : "no"), value ? "good" : "bad");
    if (name.endsWith("_bytes")) return format.bytes(value);
    if (name.endsWith("_ms")) return format.seconds(value / 1000);
    if (name.endsWith("_seconds")) return format.seconds(value);
    return named(name, String(value));
}

const label = (name) => named("store", name.replace(/_(bytes|ms|seconds)$/, "")).replaceAll("_", " ");

function rows(value) {
    return Object.entries(value).flatMap(([name, member]) => {
        if (Array.isArray(member)) {
            const entries = member.length ? member.map((one) => h("div", {}, Object.entries(one).map(([key, what]) => [label(key), " ", shown(key, what), " "]))) : t("none");
            return [h("dt", {}, label(name)), h("dd", {}, entries)];
        }
        if (member && typeof member === "object") return rows(member);
        return [h("dt", {}, label(name)), h("dd", {}, shown(name, member))];
    });
}

export function storesView(app, main) {
    const reading = new Reading((signal) => get("/admin/v1/stores", signal), 3);
    const body = h("div", { className: "columns read" });
    main.append(h("h1", {}, t("stores")), reading.notice, body);
    reading.onRead = () => {
        if (reading.error) return;
        body.replaceChildren(...Object.entries(reading.value).map(([name, store]) => h("section", { className: "panel" },
            h("h2", {}, name[0].toUpperCase() + name.slice(1)), h("dl", { className: "pairs" }, rows(store)))));
    };
    return { redraw: () => reading.tick(), remove: () => reading.remove() };
}
