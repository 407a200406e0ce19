// What operators did, and what became of the books.

import { get, query } from "./api.js";
import { h, setAttribute } from "./dom.js";
import * as format from "./format.js";
import { failure, when } from "./panels.js";
import { language, t } from "./words.js";

export function historyView(app, main, _, parameters) {
    const sale = h("input", { name: "sale", value: parameters.get("sale") ?? "", autocomplete: "off", spellcheck: "false", "data-search": true, placeholder: t("allSales") });
    const since = h("input", { name: "since", type: "datetime-local", value: parameters.get("since") ?? "" });
    const body = h("div");
    const showsLedger = parameters.get("show") === "ledger";
    const form = h("form", {
        className: "filter", onsubmit: (event) => {
            event.preventDefault();
            const address = query("#/history", { sale: sale.value.trim(), since: since.value, show: showsLedger ? "ledger" : "" });
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
            try {
                const answer = await page(cursor);
                if (isGone) return;
                rowsNode.append(...rows(answer));
                cursor = answer.next_cursor;
                more.hidden = !cursor;
                empty.hidden = rowsNode.children.length > 0;
            } catch (error) {
                if (!isGone) body.replaceChildren(failure(error));
            }
        }
        add();
    }

    function read() {
        const chosen = parameters.get("sale") ?? "";
        if (!showsLedger) {
            return list([["at"], ["who"], ["sale"], ["what"], ["changes"], ["reason"]], t("noHistory"),
                (cursor) => get(query("/admin/v1/history", { sale: chosen, since: since.value ? format.fromField(since.value) : "", limit: 100, cursor })),
                (page) => page.history.map((entry) => h("tr", { "data-command": entry.command },
                    h("td", { className: "fit" }, when(entry.at)), h("td", {}, h("b", {}, entry.actor), h("div", { className: "muted" }, entry.channel)), h("td", {}, entry.sale),
                    h("td", {}, entry.command, entry.order ? h("div", {}, h("a", { className: "mono", href: `#/orders/${entry.order}` }, entry.order)) : null),
                    h("td", {}, entry.changes.map((change) => h("div", {}, change))), h("td", {}, entry.reason ?? ""))));
        }
        if (!chosen) return body.replaceChildren(h("section", { className: "panel" }, h("p", { className: "muted" }, t("nothingYet"))));
        list([["at"], ["item"], ["kind"], ["loaded", "n"], ["committed", "n"], ["loadedAfter", "n"], ["committedAfter", "n"], ["amount", "n"]], t("nothingYet"),
            (cursor) => get(query("/admin/v1/ledger", { sale: chosen, limit: 200, cursor })),
            (page) => page.ledger.map((line) => h("tr", {}, h("td", { className: "fit" }, when(line.at)), h("td", { className: "mono" }, line.sku), h("td", {}, line.kind),
                [line.loaded, line.committed, line.loaded_after, line.committed_after].map((value) => h("td", { className: "n" }, String(value))),
                h("td", { className: "n" }, line.currency ? format.money(line.amount, line.currency, language) : "–"))));
    }

    read();
    return { remove() { isGone = true; } };
}
