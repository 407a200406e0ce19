// Orders, whoever's they are: search, and take them away as CSV.

import { get, getText, part, query } from "./api.js";
import { groups, h, put } from "./dom.js";
import * as format from "./format.js";
import { failure, leads, when } from "./panels.js";
import { allSales, salePicker, titlesOf } from "./picker.js";
import { language, t } from "./words.js";

export const states = ["reserved", "awaiting_payment", "paid", "cancelled", "expired", "rejected"];
const tones = { paid: "good", awaiting_payment: "warn", reserved: "warn", rejected: "bad" };
export const orderState = (order) => [
    h("span", { className: "badge", "data-tone": tones[order.state] ?? "" }, t(`order_${order.state}`)),
    order.refund_due ? [" ", h("span", { className: "badge", "data-tone": "bad" }, t("refundDue"))] : null,
];

export function ordersView(app, main, _, parameters) {
    const input = (name, label, attributes = {}) => h("label", {}, label, h("input", { name, value: parameters.get(name) ?? "", autocomplete: "off", spellcheck: "false", ...attributes }));
    const id = input("id", t("orderID"), { "data-search": true });
    id.className = "wide";
    const state = h("select", { name: "state" }, h("option", { value: "" }, t("any")), states.map((one) => h("option", { value: one }, t(`order_${one}`))));
    state.value = parameters.get("state") ?? "";
    const due = h("input", { name: "refund_due", type: "checkbox" });
    due.checked = parameters.get("refund_due") === "true";
    const alert = h("div");
    const sales = allSales();
    const picker = salePicker(parameters.get("sale") ?? "", t("allSales"), sales);
    const form = h("form", {
        className: "filter", onsubmit: (event) => {
            event.preventDefault();
            const typed = form.elements.id.value.trim();
            if (typed) location.hash = `#/orders/${part(typed)}`;
            else go();
        },
    }, id, input("user", t("buyer"), { placeholder: t("exactName") }), h("label", {}, t("sale"), picker), h("label", {}, t("state"), state), input("since", t("since"), { type: "datetime-local" }),
    input("until", t("until"), { type: "datetime-local" }), h("label", { className: "check" }, due, t("refundDue")),
    h("div", { className: "acts" }, h("button", {}, t("find")),
        h("button", { type: "button", "data-action": "export", onclick: exportCSV }, t("exportCSV"))));
    const body = h("tbody");
    const none = h("p", { className: "muted", hidden: true }, h("span"), " ", h("a", { href: "#/orders" }, t("clearFilters")));
    const more = h("button", { type: "button", hidden: true, onclick: () => read(false) }, t("more"));
    let cursor = null;
    let isGone = false;
    main.append(h("h1", {}, t("orders")), h("section", { className: "panel" }, form), alert, h("section", { className: "panel" },
        h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("orders") }, h("table", {}, h("thead", {}, h("tr", {},
            [["created"], ["orderID"], ["sale"], ["buyer"], ["quantity", "n"], ["amount", "n"], ["state"]].map(([name, kind]) => h("th", { scope: "col", className: kind }, t(name))))), body)),
        none, h("p", {}, more)));

    /** What the form says, as operators' REST takes it. */
    function filter() {
        const fields = form.elements;
        const time = (name) => (fields[name].value ? format.fromField(fields[name].value) : "");
        return { user: fields.user.value.trim(), sale: fields.sale.value, state: fields.state.value, refund_due: due.checked ? "true" : "", since: time("since"), until: time("until") };
    }

    /** The address names the search, so that it can be kept and sent. */
    function go() {
        const fields = form.elements;
        const address = query("#/orders", { ...filter(), since: fields.since.value, until: fields.until.value });
        if (location.hash === address) read(true);
        else location.hash = address;
    }

    async function read(isFirst) {
        // Pressed again meanwhile it would read the same page, and show its rows twice.
        more.disabled = true;
        try {
            const asked = filter();
            const [page, known] = await Promise.all([get(query("/admin/v1/orders", { ...asked, limit: 100, cursor: isFirst ? "" : cursor })), sales]);
            if (isGone) return;
            const titles = titlesOf(known);
            if (isFirst) body.replaceChildren();
            body.append(...page.orders.map((order) => row(order, titles)));
            cursor = page.next_cursor;
            more.hidden = !cursor;
            none.hidden = body.children.length > 0;
            put(none.firstChild, asked.user ? t("noOrdersOf", { user: asked.user }) : t("noOrders"));
            none.lastChild.hidden = !Object.values(asked).some(Boolean);
            alert.replaceChildren();
        } catch (error) {
            alert.replaceChildren(failure(error));
        }
        more.disabled = false;
    }

    const row = (order, titles) => leads(h("tr", { "data-order": order.id },
        h("td", { className: "fit" }, when(order.created_at)), h("td", {}, h("a", { className: "mono", href: `#/orders/${part(order.id)}` }, order.id)),
        h("td", {}, titles.sale(order.sale), h("div", { className: "muted" }, titles.item(order.sale, order.sku), " ", h("span", { className: "mono" }, order.sku))),
        h("td", { className: "mono" }, order.user), h("td", { className: "n" }, groups(String(order.quantity))),
        h("td", { className: "n" }, format.money(order.unit_price * order.quantity, order.currency, language)), h("td", {}, orderState(order))));

    async function exportCSV() {
        try {
            const blob = await getText(query("/admin/v1/orders", filter()), "text/csv");
            const link = h("a", { href: URL.createObjectURL(blob), download: `orders-${format.utc(Date.now()).replace(/[: ]/g, "-")}.csv` });
            document.body.append(link);
            link.click();
            link.remove();
            setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        } catch (error) {
            alert.replaceChildren(failure(error));
        }
    }

    read(true);
    return { remove() { isGone = true; } };
}
