// What an operator does: each change asks first, and says how many nodes obey it.

import { get, newKey, part, Unreachable, write } from "./api.js";
import { groups, h, put, setAttribute } from "./dom.js";
import { digitsOf, fromField, money, toField, utc } from "./format.js";
import { phrase } from "./sentences.js";
import { count, typedPrice } from "./units.js";
import { language, t } from "./words.js";

/**
 * Asks in a dialog, then changes.
 *
 * @param ask `{title, text, fields, danger, action (text, or form → text), back, change(form) → {path, method, body, version},
 *   check(form) → [name of the field, text] or null, onStale(form) → rows [label, old, now], done(answer) → text}`.
 * @returns the answer, or null when nothing was done.
 */
export function ask(app, options) {
    return new Promise((resolve) => {
        const alert = h("p", { role: "alert" });
        const newer = h("dl", { className: "changes" });
        const confirm = h("button", { className: options.danger ? "main destroys" : "main", "data-action": "confirm" });
        const cancel = h("button", { type: "button", "data-action": "cancel", onclick: () => dialog.close() }, options.back ?? t("cancel"));
        const form = h("form", {}, h("h2", { id: "dialog-title" }, options.title), options.text ? h("p", { className: "muted" }, options.text) : null,
            options.fields, newer, alert, h("div", { className: "acts" }, cancel, confirm));
        const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
        let key, asked;
        let answer = null;
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            if (confirm.disabled) return;
            const wrong = options.check?.(form);
            unmark(form);
            if (wrong) return mark(form, ...wrong);
            put(confirm, t("asking"));
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
                if (error.status === 412 && options.onStale) await showNewer().catch((failure) => tell(failure, t("unreachable")));
                else tell(error, t("answerLost"));
            }
            confirm.disabled = false;
            setAttribute(confirm, "aria-busy", null);
            name();
        });
        const showNewer = async () => {
            newer.replaceChildren(...(await options.onStale(form)).flatMap(([label, was, now]) => [
                h("dt", {}, label), h("dd", {}, h("del", {}, was), " → ", h("ins", {}, now))]));
            put(alert, t("stale"));
        };
        let isLost = false;
        const tell = (error, lost) => {
            isLost = error instanceof Unreachable;
            // What the service says of a field stands at that field, if the dialog has it.
            const fields = error.violations?.length ? error.violations.filter((one) => form.elements[one.field]) : [];
            for (const one of fields) mark(form, one.field, one.reason);
            if (!fields.length) put(alert, isLost ? lost : words(error));
        };
        const name = () => { if (!confirm.disabled) put(confirm, typeof options.action === "function" ? options.action(form) : options.action); };
        form.addEventListener("input", (event) => { unmark(form, event.target.name); name(); });
        name();
        // That nobody answered is over once somebody does.
        const forget = app.live.whenBack(() => { if (isLost) put(alert, ""); });
        dialog.addEventListener("close", () => { forget(); dialog.remove(); resolve(answer); });
        document.body.append(dialog);
        dialog.showModal();
        form.querySelector("input, select")?.focus();
    });
}

function words(error) {
    const violations = error.violations?.length ? error.violations.map((one) => `${one.field}: ${one.reason}`).join("; ") : "";
    return violations || error.message || t("unreachable");
}

/** Says beside a field what is wrong with it, and leads there. */
function mark(form, name, text) {
    const input = form.elements[name];
    const id = `wrong-${name}`;
    setAttribute(input, "aria-invalid", "true");
    setAttribute(input, "aria-describedby", id);
    input.closest("label").after(h("p", { className: "wrong", role: "alert", id, "data-for": name }, text));
    input.focus();
}

/** @param name of the field; of all when it is left out. */
function unmark(form, name) {
    for (const said of form.querySelectorAll(".wrong")) {
        if (name && said.dataset.for !== name) continue;
        for (const attribute of ["aria-invalid", "aria-describedby"]) setAttribute(form.elements[said.dataset.for], attribute, null);
        said.remove();
    }
}

/** @param did what was done, in a word. */
function obedience(answer, did = t("didIt")) {
    if (answer.nodes === undefined) return `${did}.`;
    return t(answer.obeyed_by === answer.nodes ? "done" : "notAll", { did, n: answer.obeyed_by, m: answer.nodes });
}

const reasonField = () => h("label", {}, t("reasonRequired"),
    h("input", { name: "reason", required: true, maxlength: "200", autocomplete: "off", placeholder: t("reasonHint") }));
const reasonOf = (form) => form.elements.reason.value.trim();

const path = (sale, rest = "") => `/admin/v1/sales/${part(sale)}${rest}`;

export function pauseOrResume(app, sale) {
    const verb = sale.status === "paused" ? "resume" : "pause";
    return ask(app, {
        title: t(`${verb}Title`, { sale: sale.title }), text: t(`${verb}Text`), action: t(verb), fields: reasonField(),
        done: (answer) => obedience(answer, t(`${verb}Done`)),
        change: (form) => ({ path: path(sale.sale, `/${verb}`), body: { reason: reasonOf(form) } }),
    });
}

export function closeSale(app, sale) {
    return ask(app, {
        title: t("closeTitle", { sale: sale.title }), text: t("closeText"), action: t("close"), danger: true, done: (answer) => obedience(answer, t("closeDone")),
        fields: [h("label", {}, t("typeName", { name: sale.sale }), h("input", { name: "confirm", required: true, autocomplete: "off", spellcheck: "false" })), reasonField()],
        check: (form) => (form.elements.confirm.value.trim() === sale.sale ? null : ["confirm", t("confirmWrong", { name: sale.sale })]),
        change: (form) => ({ path: path(sale.sale, "/close"), body: { reason: reasonOf(form), confirm: form.elements.confirm.value.trim() } }),
    });
}

export function addStock(app, sale, item) {
    let added = 0;
    return ask(app, {
        title: t("stockTitle", { item: item.title }), text: `${item.sku} · ${t("stockText", { n: count(item.loaded), m: item.available === null ? "–" : count(item.available) })}`,
        action: (form) => stockWords(Number(form.elements.add.value), t("stock"), "addUnits", "takeUnits"),
        done: (answer) => obedience(answer, stockWords(added, t("didIt"), "addDone", "takeDone", item.title)),
        fields: [h("label", {}, t("units"), h("input", { name: "add", type: "number", step: "1", required: true, inputmode: "numeric" }), h("span", {}, t("unitsHint"))), reasonField()],
        change: (form) => {
            added = Number(form.elements.add.value);
            return { path: path(sale.sale, `/items/${part(item.sku)}/stock`), body: { add: added, reason: reasonOf(form) } };
        },
    });
}

const stockWords = (units, none, more, less, item) => (units ? t(units > 0 ? more : less, { n: count(Math.abs(units)), item }) : none);

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
        title: t("extendTitle", { sale: sale.title }), action: t("extend"), done: (answer) => obedience(answer, t("extendDone", { at: `${utc(fromField(input.value))} UTC` })),
        fields: [h("label", {}, t("newEnd"), input), h("div", { className: "acts" }, later), reasonField()],
        change: (form) => ({
            method: "PATCH", path: path(sale.sale), version: `"${seen.version}"`, body: { closes_at: fromField(input.value), reason: reasonOf(form) },
        }),
        onStale: async () => {
            const was = seen;
            seen = await get(path(sale.sale));
            if (input.value === toField(was.closes_at)) input.value = toField(seen.closes_at);
            return saleDifferences(was, seen);
        },
    });
}

export function editItem(app, sale, item) {
    let [seen, seenSale] = [item, sale];
    const digits = digitsOf(item.currency);
    const priceOf = (one) => (one.unit_price / 10 ** digits).toFixed(digits);
    const price = h("input", { name: "unit_price", inputmode: "decimal", required: true, autocomplete: "off", value: priceOf(item) });
    const limit = h("input", { name: "limit_per_user", type: "number", min: "1", step: "1", required: true, value: String(item.limit_per_user) });
    return ask(app, {
        title: t("editTitle", { item: item.title }), text: item.sku, action: t("edit"),
        done: (answer) => obedience(answer, t("editDone", { item: item.title, price: money(typedPrice(price.value, item.currency), item.currency, language), n: limit.value })),
        fields: [h("label", {}, `${t("price")} (${item.currency})`, price), h("label", {}, t("limitPerUser"), limit), reasonField()],
        check: () => (typedPrice(price.value, item.currency) === null ? ["unit_price", t("priceWrong", { example: (3999).toFixed(digits) })] : null),
        change: (form) => ({
            method: "PATCH", path: path(sale.sale, `/items/${part(item.sku)}`), version: `"${seenSale.version}"`,
            body: { unit_price: typedPrice(price.value, item.currency), currency: item.currency, limit_per_user: Number(limit.value), reason: reasonOf(form) },
        }),
        onStale: async () => {
            const was = [seen, seenSale];
            seenSale = await get(path(sale.sale));
            seen = seenSale.items.find((one) => one.sku === item.sku) ?? seen;
            // What was not touched must not take back what somebody else has done.
            if (price.value === priceOf(was[0])) price.value = priceOf(seen);
            if (limit.value === String(was[0].limit_per_user)) limit.value = String(seen.limit_per_user);
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
        title: t("cancelTitle"), text: `${order.id}. ${t("cancelText")}`, action: t("cancelOrder"), back: t("keepOrder"), danger: true, fields: reasonField(), done: () => t("cancelDone"),
        change: (form) => ({ path: `/admin/v1/orders/${part(order.id)}/cancel`, body: { reason: reasonOf(form) } }),
    });
}

/** What must go back, in minor units: all that came, less the price of an order that is paid. */
export const dueOf = (order) => order.refund_due_amount ?? order.amount_received - (order.state === "paid" ? order.amount_due : 0);

export function refundOrder(app, order) {
    const digits = digitsOf(order.currency);
    const due = dueOf(order);
    const amount = h("input", { name: "amount", inputmode: "decimal", required: true, autocomplete: "off", value: (due / 10 ** digits).toFixed(digits) });
    return ask(app, {
        title: t("refundTitle"), text: `${order.id}. ${t("refundText")}`, action: t("refundOrder"), done: () => t("refundDone", { amount: money(due, order.currency, language) }),
        fields: [h("label", {}, `${t("amount")} (${order.currency})`, amount),
            h("label", {}, t("reference"), h("input", { name: "reference", required: true, maxlength: "200", autocomplete: "off" })), reasonField()],
        check: () => (typedPrice(amount.value, order.currency) === null ? ["amount", t("priceWrong", { example: (3999).toFixed(digits) })] : null),
        change: (form) => ({
            path: `/admin/v1/orders/${part(order.id)}/refunds`,
            body: { amount: typedPrice(amount.value, order.currency), currency: order.currency, reference: form.elements.reference.value.trim(), reason: reasonOf(form) },
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
    const dialog = h("dialog", { className: "wide", "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, t("auditTitle", { sale: sale.title })), body,
        h("div", { className: "acts" }, h("button", { type: "button", onclick: () => dialog.close() }, t("cancel"))));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    try {
        // While units move, the service looks again for some seconds.
        const { sales: [found] } = await get(`/admin/v1/audit?sale=${part(sale.sale)}`, null, 60_000);
        const isFine = found.items.every((item) => !item.breaches.length);
        body.replaceChildren(
            h("p", { className: "badge", "data-tone": isFine && found.settled ? "good" : isFine ? "warn" : "bad" }, isFine && found.settled ? t("settled") : isFine ? t("notSettled") : t("breaches")),
            h("div", { className: "scroll", "data-scrolls": true, tabindex: "0" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "SKU"),
                ["loaded", "available", "inFlight", "committed"].map((name) => h("th", { className: "n", scope: "col" }, t(name))), h("th", { scope: "col" }, t("breaches")))),
            h("tbody", {}, found.items.map((item) => h("tr", {}, h("th", { scope: "row", className: "mono" }, item.sku),
                [item.loaded, item.available ?? "–", item.in_flight, item.committed].map((value) => h("td", { className: "n" }, groups(String(value)))),
                h("td", {}, item.breaches.length ? item.breaches.map(phrase).join(", ") : t("ok"))))))));
    } catch (error) {
        body.replaceChildren(h("p", { role: "alert" }, words(error)));
    }
}
