// What operators did, and what became of the books.

import { get, part, query } from "./api.js";
import { groups, h } from "./dom.js";
import * as format from "./format.js";
import { failure, when } from "./panels.js";
import { allSales, salePicker, titlesOf } from "./picker.js";
import { sentences } from "./sentences.js";
import { language, named, t } from "./words.js";

export function historyView(app, main, _, parameters) {
    const showsLedger = parameters.get("show") === "ledger";
    const sales = allSales();
    const sale = salePicker(parameters.get("sale") ?? "", t(showsLedger ? "chooseSale" : "allSales"), sales, { "data-search": true, onchange: () => form.requestSubmit() });
    const since = h("input", { name: "since", type: "datetime-local", value: parameters.get("since") ?? "" });
    const body = h("div");
    const form = h("form", {
        className: "filter", onsubmit: (event) => {
            event.preventDefault();
            const address = query("#/history", { sale: sale.value, since: since.value, show: showsLedger ? "ledger" : "" });
            if (location.hash === address) read();
            else location.hash = address;
        },
    }, h("label", {}, t("sale"), sale), showsLedger ? null : h("label", {}, t("since"), since), h("div", { className: "acts" }, h("button", {}, t("find"))));
    const tab = (name, isHere) => h("a", { className: "button", href: query("#/history", { sale: parameters.get("sale") ?? "", show: name === "ledger" ? "ledger" : "" }), "aria-current": isHere ? "page" : null }, t(name));
    main.append(h("section", { className: "heading" }, h("h1", {}, t(showsLedger ? "ledger" : "history")), h("div", { className: "acts" }, tab("history", !showsLedger), tab("ledger", showsLedger))),
        h("section", { className: "panel" }, form), body);
    let isGone = false;

    function list(columns, none, page, rows) {
        const rowsNode = h("tbody");
        const more = h("button", { type: "button", hidden: true, onclick: () => add() }, t("more"));
        const empty = h("p", { className: "muted", hidden: true }, none);
        let cursor = null;
        body.replaceChildren(h("section", { className: "panel" }, h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("history") }, h("table", {},
            h("thead", {}, h("tr", {}, columns.map(([name, kind]) => h("th", { scope: "col", className: kind }, t(name))))), rowsNode)), empty, h("p", {}, more)));
        async function add() {
            // Pressed again meanwhile it would read the same page, and show its rows twice.
            more.disabled = true;
            try {
                const [answer, known] = await Promise.all([page(cursor), sales]);
                if (isGone) return;
                rowsNode.append(...rows(answer, titlesOf(known)));
                cursor = answer.next_cursor;
                more.hidden = !cursor;
                empty.hidden = rowsNode.children.length > 0;
            } catch (error) {
                if (!isGone) body.replaceChildren(failure(error));
            }
            more.disabled = false;
        }
        add();
    }

    function read() {
        const chosen = parameters.get("sale") ?? "";
        if (!showsLedger) {
            return list([["at"], ["happened"], ["sale"], ["detail"]], t("noHistory"),
                (cursor) => get(query("/admin/v1/history", { sale: chosen, since: since.value ? format.fromField(since.value) : "", limit: 100, cursor })),
                (page, titles) => page.history.map((entry) => row(entry, titles)));
        }
        if (!chosen) {
            // Of one sale there is no choice.
            sales.then((all) => {
                if (isGone || all.length !== 1) return;
                sale.value = all[0].sale;
                form.requestSubmit();
            });
            return body.replaceChildren(h("section", { className: "panel" }, h("p", { className: "muted" }, t("chooseSaleText"))));
        }
        list([["at"], ["item"], ["kind"], ["loaded", "n"], ["committed", "n"], ["loadedAfter", "n"], ["committedAfter", "n"], ["amount", "n"]], t("nothingYet"),
            (cursor) => get(query("/admin/v1/ledger", { sale: chosen, limit: 200, cursor })),
            (page) => page.ledger.map((line) => h("tr", {}, h("td", { className: "fit" }, when(line.at)), h("td", { className: "mono" }, line.sku), h("td", {}, named("kind", line.kind)),
                [line.loaded, line.committed, line.loaded_after, line.committed_after].map((value) => h("td", { className: "n" }, groups(String(value)))),
                h("td", { className: "n" }, line.currency ? format.money(line.amount, line.currency, language) : "–"))));
    }

    const shownMax = 6;

    /** Who did what and why in words; how it was asked for, for whoever looks closer. */
    function row(entry, titles) {
        const said = sentences(entry, titles);
        const more = said.length - shownMax;
        return h("tr", { "data-command": entry.command },
            h("td", { className: "fit" }, when(entry.at)),
            h("td", {}, said.slice(0, shownMax).map((text, index) => h("div", {}, index ? null : [h("b", {}, entry.actor), " "], text)),
                more > 0 ? h("div", { className: "muted" }, t("andMore", { n: more })) : null,
                entry.reason ? h("div", { className: "muted", "data-field": "reason" }, `${t("because")} ${entry.reason}`) : null),
            h("td", {}, entry.sale ? h("a", { href: `#/sales/${part(entry.sale)}` }, titles.sale(entry.sale)) : "–",
                entry.order ? h("div", {}, h("a", { className: "mono", href: `#/orders/${part(entry.order)}` }, entry.order)) : null),
            h("td", { title: entry.command }, detail(entry)));
    }

    function detail(entry) {
        const lines = [entry.command, ...entry.changes, entry.request_id].filter(Boolean);
        const node = h("details", { ontoggle: () => node.replaceChildren(node.firstChild, ...(node.open ? lines.map((line) => h("div", { className: "mono" }, line)) : [])) },
            h("summary", {}, named("channel", entry.channel)));
        return node;
    }

    read();
    return { remove() { isGone = true; } };
}
