// What an operator did, as a sentence. The service tells each change as a line: old value, arrow, new value.

import * as format from "./format.js";
import { count, duration } from "./units.js";
import { language, t } from "./words.js";

/** Minor units, or as the currency is written where there is a point. */
function amount(text, currency) {
    const minor = text.includes(".") ? format.minorUnits(text, currency) : Number(text);
    return minor === null ? `${text} ${currency}` : format.money(minor, currency, language);
}

const time = (text) => `${format.utc(text)} UTC`;

function price(name, was, wasCurrency, now, nowCurrency) {
    const key = wasCurrency !== nowCurrency ? "h_price" : Number(now) < Number(was) ? "h_lowered" : "h_raised";
    return t(key, { item: name, was: amount(was, wasCurrency), now: amount(now, nowCurrency) });
}

function stock(name, was, now) {
    const more = Number(now) - Number(was);
    return t(more < 0 ? "h_taken" : "h_added", { n: count(Math.abs(more)), item: name, was: count(was), now: count(now) });
}

const statuses = { "open paused": "h_paused", "paused open": "h_resumed" };

/** Forms of a line and what each says; `item` gives an item's title. */
const forms = [
    [/^(\S+) price (-?[\d.]+) (\w+) → (-?[\d.]+) (\w+)$/, (item, sku, ...values) => price(item(sku), ...values)],
    [/^(\S+) stock (-?\d+) → (-?\d+)$/, (item, sku, was, now) => stock(item(sku), was, now)],
    [/^(\S+) limit_per_user (\d+) → (\d+)$/, (item, sku, was, now) => t("h_limit", { item: item(sku), was, now })],
    [/^(\S+) add "(.*)" price (-?[\d.]+) (\w+) stock (\d+) limit_per_user (\d+)$/s,
        (item, sku, title, cost, currency, units, limit) => t("h_newItem", { item: title, n: count(units), price: amount(cost, currency), limit })],
    [/^create "(.*)" (\S+)…(\S+) pay_within (\d+) ms$/s,
        (item, title, opens, closes, within) => t("h_created", { title, opens: time(opens), closes: time(closes), n: duration(Number(within)) })],
    [/^opens_at (\S+) → (\S+)$/, (item, was, now) => t("h_opens", { was: time(was), now: time(now) })],
    [/^closes_at (\S+) → (\S+)$/, (item, was, now) => t("h_closes", { was: time(was), now: time(now) })],
    [/^pay_within (\d+) ms → (\d+) ms$/, (item, was, now) => t("h_payWithin", { was: duration(Number(was)), now: duration(Number(now)) })],
    [/^status (\w+) → (\w+)$/, (item, was, now) => t(now === "closed" ? "h_closed" : statuses[`${was} ${now}`] ?? "h_status", { was, now })],
    [/^(?:\S+ )?title "(.*)" → "(.*)"$/s, (item, was, now) => t("h_renamed", { was, now })],
    [/^order \S+ state \w+ → cancelled$/, () => t("h_cancelled")],
    [/^order \S+ refunded (-?[\d.]+) (\w+), reference (.*)$/s, (item, paid, currency, reference) => t("h_refunded", { amount: amount(paid, currency), reference })],
    // The sentence before it says so.
    [/^order \S+ refund_due true → false$/, () => null],
    [/^webhook (\S+) stopped$/, (item, endpoint) => t("h_stopped", { endpoint })],
    [/^webhook (\S+) served again$/, (item, endpoint) => t("h_served", { endpoint })],
    [/^(?:event (\S+)|failed events) of webhook (\S+) sent again$/, (item, event, endpoint) => t("h_resent", { endpoint })],
    [/^(?:event (\S+)|failed events) of webhook (\S+) skipped$/, (item, event, endpoint) => t("h_skipped", { endpoint })],
    [/^node (\S+) asked to drain$/, (item, node) => t("h_drained", { node })],
    [/^rebuilt in Redis from Postgres$/, () => t("h_rebuilt")],
];

/** What the service says of broken rules and of readiness, and the key of the same in words. */
const phrases = [
    [/^I1 oversold by (?<n>\d+)$/, "b_oversold"],
    [/^I1 committed says (?<n>-?\d+), live orders hold (?<m>-?\d+)$/, "b_miscounted"],
    [/^I4 (?<n>\d+) units leaked$/, "b_leaked"],
    [/^I4 (?<n>\d+) units minted$/, "b_minted"],
    [/^I4 not loaded in Redis$/, "b_notLoaded"],
    [/^I6 (?<n>\d+) users over the limit$/, "b_overLimit"],
    [/^(?<n>\d+) of (?<m>\d+) proven$/, "c_proven"],
    [/^not read yet$/, "c_notRead"],
    [/^is being stopped$/, "c_stopping"],
    [/^is a replica$/, "c_replica"],
];

/** One of them in the page's language; what is not known stays as it is. */
export function phrase(text) {
    for (const [form, key] of phrases) {
        const match = form.exec(text);
        if (match) return t(key, match.groups);
    }
    return text;
}

function said(line, item) {
    for (const [form, words] of forms) {
        const match = form.exec(line);
        if (match) return words(item, ...match.slice(1));
    }
    return line;
}

/** @param titles of `picker.js`. */
export function sentences(entry, titles) {
    const item = (sku) => titles.item(entry.sale, sku);
    const all = entry.changes.map((line) => said(line, item)).filter((text) => text !== null);
    return all.length ? all : [entry.command];
}
