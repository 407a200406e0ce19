// One order with all that has happened to it.

import { cancelOrder, dueOf, refundOrder } from "./actions.js";
import { get, part } from "./api.js";
import { groups, h } from "./dom.js";
import * as format from "./format.js";
import { orderState } from "./orders.js";
import { acts, failure, when } from "./panels.js";
import { language, named, t } from "./words.js";

const cancellable = ["awaiting_payment"];

const lookPause = 10_000;

export function orderView(app, main, [id]) {
    let isGone = false;
    let later, shown;
    // Which read is under way: what an earlier one hears is older.
    let run = 0;

    async function read() {
        clearTimeout(later);
        const own = ++run;
        let order;
        try {
            order = await get(`/admin/v1/orders/${part(id)}`);
        } catch (error) {
            if (isGone || own !== run) return;
            // What is shown stays while nobody answers; the page's head says that nobody does.
            if (error.status === 404) shown = undefined;
            if (error.status === 404) main.replaceChildren(h("h1", {}, t("orderID")), h("p", {}, t("unknownOrder")), h("p", {}, h("a", { href: "#/orders" }, t("allOrders"))));
            else if (!shown) main.replaceChildren(h("h1", {}, t("orderID")), failure(error));
            const mayPass = !error.status || error.status === 429 || error.status >= 500;
            if (shown || mayPass) later = setTimeout(read, lookPause);
            return;
        }
        if (isGone || own !== run) return;
        const content = JSON.stringify(order);
        const focused = main.contains(document.activeElement) && document.activeElement.dataset.action;
        if (content !== shown) show(order);
        if (focused && !main.contains(document.activeElement)) main.querySelector(`[data-action="${focused}"]`)?.focus();
        shown = content;
        later = setTimeout(read, lookPause);
    }

    function show(order) {
        const act = async (what) => { if (await what(app, order)) await read(); };
        const money = (amount, currency = order.currency) => format.money(amount, currency, language);
        const pair = (label, ...value) => [h("dt", {}, label), h("dd", {}, value)];
        main.replaceChildren(
            h("section", { className: "heading" }, h("h1", {}, money(order.amount_due)), orderState(order), h("span", { className: "mono muted" }, order.id), acts(
                app.mayWrite && cancellable.includes(order.state) ? h("button", { type: "button", className: "danger", "data-action": "cancel-order", onclick: () => act(cancelOrder) }, t("cancelOrder")) : null,
                app.mayWrite && order.refund_due ? h("button", { type: "button", "data-action": "refund", onclick: () => act(refundOrder) }, t("refundOrder")) : null)),
            undoing(order, money),
            h("div", { className: "columns" },
                h("section", { className: "panel" }, h("h2", {}, t("orderID")), h("dl", { className: "pairs" },
                    pair(t("sale"), h("a", { href: `#/sales/${part(order.sale)}` }, order.sale)), pair(t("item"), h("span", { className: "mono" }, order.sku)),
                    pair(t("buyer"), h("a", { className: "mono", href: `#/orders?user=${part(order.user)}` }, order.user)), pair(t("quantity"), String(order.quantity)),
                    pair(t("amountDue"), money(order.amount_due)), pair(t("amountReceived"), money(order.amount_received)),
                    pair(t("created"), when(order.created_at)), pair(t("payBy"), when(order.pay_by)),
                    order.rejection ? pair(t("rejection"), named("rejection", order.rejection)) : null, order.key_sha256 ? pair(t("keyHash"), h("span", { className: "mono" }, order.key_sha256)) : null)),
                h("section", { className: "panel" }, h("h2", {}, t("life")), h("ol", { className: "life" }, order.life.map((event) => h("li", { "data-what": event.what },
                    h("div", {}, h("b", {}, t(`l_${event.what}`)), " ", detail(event, money), h("div", { className: "muted" }, when(event.at), why(event)))))))),
            table(t("payments"), ["event", "outcome", "amount", "effect", "at"], order.payments.map((one) => [one.event_id, named("outcome", one.outcome), money(one.amount, one.currency), named("effect", one.effect), when(one.received_at)])),
            table(t("refunds"), ["reference", "amount", "who", "at"], order.refunds.map((one) => [one.reference, money(one.amount, one.currency), one.actor, when(one.refunded_at)])),
            table(t("ledger"), ["at", "kind", "committed", "amount"], order.ledger.map((one) => [when(one.at), named("kind", one.kind), groups(String(one.committed)), one.currency ? money(one.amount, one.currency) : "–"])));
    }

    /** How this order can be undone, here or elsewhere: who sees no button wants to know why. */
    function undoing(order, money) {
        const due = money(dueOf(order));
        const command = (words) => h("p", {}, h("code", {}, words));
        const parts = order.refund_due
            ? [h("p", {}, t("undo_refund", { amount: due })), command(`seckill order refund ${order.id} --amount ${dueOf(order)} --reference R`)]
            : order.state === "paid" ? [h("p", {}, t("undo_paid"))]
                : order.state === "awaiting_payment" ? [h("p", {}, t("undo_awaiting")), command(`seckill order cancel ${order.id} --reason R`)]
                    : order.state === "reserved" ? [h("p", {}, t("undo_reserved"))] : [h("p", {}, t("undo_over"))];
        return h("section", { className: "panel", "data-field": "undoing" }, h("h2", {}, t("undoing")), parts);
    }

    read();
    return { remove() { isGone = true; clearTimeout(later); } };
}

const detail = (event, money) => [
    event.units === undefined ? null : String(event.units), event.amount === undefined ? null : money(event.amount, event.currency), named("outcome", event.outcome), named("effect", event.effect),
    event.event_id ? h("span", { className: "mono" }, event.event_id) : null, event.reference ? h("span", { className: "mono" }, event.reference) : null,
].filter(Boolean).flatMap((part) => [part, " "]);

const why = (event) => [event.actor ? ` · ${event.actor}` : "", event.command ? ` · ${event.command}` : "", event.reason ? ` · ${event.what === "reject" ? named("rejection", event.reason) : event.reason}` : ""].join("");

function table(title, columns, rows) {
    if (!rows.length) return "";
    return h("section", { className: "panel" }, h("h2", {}, title), h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": title }, h("table", {},
        h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, t(name))))),
        h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell))))))));
}
