// What an operator does: each change asks first, and says how many nodes obey it.

import { get, newKey, part, write } from "./api.js";
import { h, put, setAttribute } from "./dom.js";
import { digitsOf, fromField, minorUnits, money, toField, utc } from "./format.js";
import { language, t } from "./words.js";

/**
 * Asks in a dialog, then changes.
 *
 * @param ask `{title, text, fields, danger, action, change(form) → {path, method, body, version}, check(form) → text or null,
 *   onStale(form) → rows [label, old, now], done(answer) → text}`.
 * @returns the answer, or null when nothing was done.
 */
export function ask(app, options) {
    return new Promise((resolve) => {
        const alert = h("p", { role: "alert" });
        const newer = h("dl", { className: "changes" });
        const confirm = h("button", { className: options.danger ? "main" : "main", "data-action": "confirm" }, options.action);
        const cancel = h("button", { type: "button", "data-action": "cancel", onclick: () => dialog.close() }, t("cancel"));
        const form = h("form", {}, h("h2", { id: "dialog-title" }, options.title), options.text ? h("p", { className: "muted" }, options.text) : null,
            options.fields, newer, alert, h("div", { className: "acts" }, cancel, confirm));
        const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
        let key, asked;
        let answer = null;
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            if (confirm.disabled) return;
            const wrong = options.check?.(form);
            if (wrong) return put(alert, wrong);
            confirm.disabled = true;
            setAttribute(confirm, "aria-busy", "true");
            put(alert, "");
            try {
                const change = options.change(form);
                // What was asked may have been done, and its answer lost: the same again, however it came
                // to be written, is the same change. Another one under its key would be refused.
                const content = JSON.stringify([change.method, change.path, change.body]);
                if (content !== asked) [key, asked] = [newKey(), content];
                answer = await write(change, key);
                app.notify(options.done ? options.done(answer) : obedience(answer));
                dialog.close();
            } catch (error) {
                if (error.status === 412 && options.onStale) {
                    newer.replaceChildren(...(await options.onStale(form)).flatMap(([label, was, now]) => [
                        h("dt", {}, label), h("dd", {}, h("del", {}, was), " → ", h("ins", {}, now))]));
                    put(alert, t("stale"));
                } else {
                    put(alert, words(error));
                }
            }
            confirm.disabled = false;
            setAttribute(confirm, "aria-busy", null);
        });
        dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
        document.body.append(dialog);
        dialog.showModal();
        form.querySelector("input, select")?.focus();
    });
}

function words(error) {
    const violations = error.violations?.length ? error.violations.map((one) => `${one.field}: ${one.reason}`).join("; ") : "";
    return violations || error.message || t("unreachable");
}

function obedience(answer) {
    if (answer.nodes === undefined) return t("doneAlone");
    return t(answer.obeyed_by === answer.nodes ? "done" : "notAll", { n: answer.obeyed_by, m: answer.nodes });
}

const reasonField = () => h("label", {}, t("reason"),
    h("input", { name: "reason", required: true, maxlength: "200", autocomplete: "off", placeholder: t("reasonHint") }));
const reasonOf = (form) => form.elements.reason.value.trim();

const path = (sale, rest = "") => `/admin/v1/sales/${part(sale)}${rest}`;

export function pauseOrResume(app, sale) {
    const verb = sale.status === "paused" ? "resume" : "pause";
    return ask(app, {
        title: t(`${verb}Title`, { sale: sale.sale }), text: t(`${verb}Text`), action: t(verb), fields: reasonField(),
        change: (form) => ({ path: path(sale.sale, `/${verb}`), body: { reason: reasonOf(form) } }),
    });
}

export function closeSale(app, sale) {
    return ask(app, {
        title: t("closeTitle", { sale: sale.sale }), text: t("closeText"), action: t("close"), danger: true,
        fields: [h("label", {}, t("typeName", { name: sale.sale }), h("input", { name: "confirm", required: true, autocomplete: "off", spellcheck: "false" })), reasonField()],
        check: (form) => (form.elements.confirm.value.trim() === sale.sale ? null : t("confirmWrong", { name: sale.sale })),
        change: (form) => ({ path: path(sale.sale, "/close"), body: { reason: reasonOf(form), confirm: form.elements.confirm.value.trim() } }),
    });
}

export function addStock(app, sale, item) {
    return ask(app, {
        title: t("stockTitle", { sku: item.sku }), text: item.title, action: t("stock"),
        fields: [h("label", {}, t("units"), h("input", { name: "add", type: "number", step: "1", required: true, inputmode: "numeric" }), h("span", {}, t("unitsHint"))), reasonField()],
        change: (form) => ({ path: path(sale.sale, `/items/${part(item.sku)}/stock`), body: { add: Number(form.elements.add.value), reason: reasonOf(form) } }),
    });
}

export function extend(app, sale) {
    let seen = sale;
    const input = h("input", { name: "closes_at", type: "datetime-local", step: "1", required: true, value: toField(sale.closes_at) });
    const later = [10, 30, 60].map((minutes) => h("button", {
        type: "button", className: "small", onclick: () => {
            input.value = toField(new Date(seen.closes_at).getTime() + minutes * 60000);
            input.dispatchEvent(new Event("input", { bubbles: true }));
        },
    }, t("byMinutes", { n: minutes })));
    return ask(app, {
        title: t("extendTitle", { sale: sale.sale }), action: t("extend"),
        fields: [h("label", {}, t("newEnd"), input), h("div", { className: "acts" }, later), reasonField()],
        change: (form) => ({
            method: "PATCH", path: path(sale.sale), version: `"${seen.version}"`, body: { closes_at: fromField(input.value), reason: reasonOf(form) },
        }),
        onStale: async () => {
            const was = seen;
            seen = await get(path(sale.sale));
            return saleDifferences(was, seen);
        },
    });
}

export function editItem(app, sale, item) {
    let [seen, seenSale] = [item, sale];
    const digits = digitsOf(item.currency);
    const price = h("input", { name: "unit_price", inputmode: "decimal", required: true, autocomplete: "off", value: (item.unit_price / 10 ** digits).toFixed(digits) });
    const limit = h("input", { name: "limit_per_user", type: "number", min: "1", step: "1", required: true, value: String(item.limit_per_user) });
    return ask(app, {
        title: t("editTitle", { sku: item.sku }), text: item.title, action: t("edit"),
        fields: [h("label", {}, `${t("price")} (${item.currency})`, price), h("label", {}, t("limitPerUser"), limit), reasonField()],
        check: () => (minorUnits(price.value, item.currency) === null ? t("priceWrong", { example: (3999).toFixed(digits) }) : null),
        change: (form) => ({
            method: "PATCH", path: path(sale.sale, `/items/${part(item.sku)}`), version: `"${seenSale.version}"`,
            body: { unit_price: minorUnits(price.value, item.currency), currency: item.currency, limit_per_user: Number(limit.value), reason: reasonOf(form) },
        }),
        onStale: async () => {
            const was = [seen, seenSale];
            seenSale = await get(path(sale.sale));
            seen = seenSale.items.find((one) => one.sku === item.sku) ?? seen;
            return [...saleDifferences(was[1], seenSale), ...itemDifferences(was[0], seen)];
        },
    });
}

function saleDifferences(was, now) {
    const rows = [[t("version"), was.version, now.version]];
    if (was.status !== now.status) rows.push([t("status"), t(`state_${was.status}`), t(`state_${now.status}`)]);
    if (was.closes_at !== now.closes_at) rows.push([t("closes"), `${utc(was.closes_at)} UTC`, `${utc(now.closes_at)} UTC`]);
    if (was.title !== now.title) rows.push([t("sale"), was.title, now.title]);
    return rows;
}

function itemDifferences(was, now) {
    const rows = [];
    if (was.unit_price !== now.unit_price) rows.push([t("price"), money(was.unit_price, was.currency, language), money(now.unit_price, now.currency, language)]);
    if (was.limit_per_user !== now.limit_per_user) rows.push([t("limitPerUser"), was.limit_per_user, now.limit_per_user]);
    return rows;
}

export function cancelOrder(app, order) {
    return ask(app, {
        title: t("cancelTitle"), text: `${order.id}. ${t("cancelText")}`, action: t("cancelOrder"), danger: true, fields: reasonField(), done: () => t("doneAlone"),
        change: (form) => ({ path: `/admin/v1/orders/${part(order.id)}/cancel`, body: { reason: reasonOf(form) } }),
    });
}

export function refundOrder(app, order) {
    const digits = digitsOf(order.currency);
    const due = order.amount_received;
    const amount = h("input", { name: "amount", inputmode: "decimal", required: true, autocomplete: "off", value: (due / 10 ** digits).toFixed(digits) });
    return ask(app, {
        title: t("refundTitle"), text: order.id, action: t("refundOrder"), done: () => t("doneAlone"),
        fields: [h("label", {}, `${t("amount")} (${order.currency})`, amount),
            h("label", {}, t("reference"), h("input", { name: "reference", required: true, maxlength: "200", autocomplete: "off" })), reasonField()],
        check: () => (minorUnits(amount.value, order.currency) === null ? t("priceWrong", { example: (3999).toFixed(digits) }) : null),
        change: (form) => ({
            path: `/admin/v1/orders/${part(order.id)}/refunds`,
            body: { amount: minorUnits(amount.value, order.currency), currency: order.currency, reference: form.elements.reference.value.trim(), reason: reasonOf(form) },
        }),
    });
}

/** A change that needs a reason alone. */
export function askReason(app, { title, text, action, change, done, danger }) {
    return ask(app, { title, text, action, danger, done, fields: reasonField(), change: (form) => change(reasonOf(form)) });
}

/** Compares the books of both stores, and shows what came of it. */
export async function auditSale(sale) {
    const body = h("div", {}, h("p", { className: "muted" }, t("loading")));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, t("auditTitle", { sale: sale.sale })), body,
        h("div", { className: "acts" }, h("button", { type: "button", onclick: () => dialog.close() }, "OK")));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    try {
        const { sales: [found] } = await get(`/admin/v1/audit?sale=${part(sale.sale)}`);
        const isFine = found.items.every((item) => !item.breaches.length);
        body.replaceChildren(
            h("p", { className: "badge", "data-tone": isFine && found.settled ? "good" : isFine ? "warn" : "bad" }, isFine && found.settled ? t("settled") : isFine ? t("notSettled") : t("breaches")),
            h("div", { className: "scroll", "data-scrolls": true, tabindex: "0" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "SKU"),
                ["loaded", "available", "inFlight", "committed"].map((name) => h("th", { className: "n", scope: "col" }, t(name))), h("th", { scope: "col" }, t("breaches")))),
            h("tbody", {}, found.items.map((item) => h("tr", {}, h("th", { scope: "row" }, item.sku),
                [item.loaded, item.available ?? "–", item.in_flight, item.committed].map((value) => h("td", { className: "n" }, String(value))),
                h("td", {}, item.breaches.length ? item.breaches.join(", ") : t("ok"))))))));
    } catch (error) {
        body.replaceChildren(h("p", { role: "alert" }, words(error)));
    }
}
