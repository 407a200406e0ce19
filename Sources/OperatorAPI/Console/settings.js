// What this node works with; secrets stay covered.

import { get } from "./api.js";
import { h } from "./dom.js";
import { failure } from "./panels.js";
import { named, t } from "./words.js";

export function settingsView(app, main) {
    const search = h("input", { "data-search": true, type: "search", "aria-label": t("search"), placeholder: t("search"), autocomplete: "off", oninput: filter });
    const body = h("tbody");
    main.append(h("h1", {}, t("settings")), h("section", { className: "panel" }, h("form", { className: "filter", onsubmit: (event) => event.preventDefault() }, search),
        h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("settings") }, h("table", {},
            h("thead", {}, h("tr", {}, ["setting", "value", "from"].map((name) => h("th", { scope: "col" }, t(name))))), body))));
    function filter() {
        const wanted = search.value.trim().toLowerCase();
        for (const row of body.children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
    get("/admin/v1/settings").then(({ settings }) => {
        body.append(...settings.map((one) => h("tr", { "data-setting": one.name }, h("th", { scope: "row", className: "mono" }, one.name),
            h("td", { className: "mono" }, one.value), h("td", { className: one.source === "default" ? "muted" : "" }, named("source", one.source)))));
    }, (error) => main.append(failure(error)));
    return {};
}
