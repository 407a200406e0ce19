// How what happens reaches the merchant's systems: endpoints, what they did not take, and the latest events.

import { askReason } from "./actions.js";
import { get, part } from "./api.js";
import { h } from "./dom.js";
import { acts as fieldset, badge, Reading, when } from "./panels.js";
import { about, seconds } from "./units.js";
import { t } from "./words.js";

/** As in docs/integrate.md. No script of the console names an address of another host as a whole: a test says so. */
const scheme = "https:";
const example = `# SECKILL_WEBHOOKS_FILE=/etc/seckill/webhooks.yaml
- name: shop
  url: ${scheme}//shop.example/hooks/seckill     # http only to this machine
  secret_file: /etc/seckill/shop.whsec        # whsec_ and the Base64 of 24 to 64 bytes
  types: [order.committed, order.paid]        # all when absent
`;

export function eventsView(app, main) {
    const reading = new Reading(read, 4);
    const body = h("div", { className: "read" });
    main.append(h("h1", {}, t("eventsOut")), reading.notice, body);

    async function read(signal) {
        const { webhooks } = await get("/admin/v1/webhooks", signal);
        const failing = webhooks.filter((one) => one.retrying + one.given_up > 0);
        const failures = await Promise.all(failing.map((one) => get(`/admin/v1/webhooks/${part(one.endpoint)}/failures?limit=100`, signal)));
        return webhooks.map((one) => ({ ...one, failures: failures[failing.indexOf(one)]?.failures ?? [] }));
    }

    const act = async (endpoint, verb, words) => {
        const done = await askReason(app, {
            title: t(words.title, { endpoint }), text: words.text ? t(words.text) : "", action: t(words.action), danger: words.danger,
            done: (answer) => (answer.taken ? t("testTaken") : answer.objection ? t("testNotTaken", { why: answer.objection })
                : answer.events === undefined ? t("doneAlone") : t("eventsDone", { n: answer.events })),
            change: (reason) => ({ path: `/admin/v1/webhooks/${part(endpoint)}/${verb}`, body: { reason } }),
        });
        if (done) await reading.refresh();
    };
    const button = (one, verb, words) => h("button", { type: "button", className: "small", "data-action": verb, onclick: () => act(one.endpoint, verb, words) }, t(words.action));

    function endpoint(one) {
        const hasFailed = one.retrying + one.given_up > 0;
        const acts = !app.mayWrite ? null : fieldset(
            hasFailed ? [button(one, "replay", { title: "retryTitle", action: "retry" }), button(one, "skip", { title: "skipTitle", text: "skipText", action: "skip", danger: true })] : null,
            button(one, "test", { title: "testTitle", text: "testText", action: "test" }),
            one.stopped ? button(one, "resume", { title: "resumeEndpointTitle", action: "resumeEndpoint" }) : button(one, "stop", { title: "stopTitle", text: "stopText", action: "stop" }));
        return h("section", { className: "panel", "data-endpoint": one.endpoint },
            h("div", { className: "heading" }, h("h2", {}, one.endpoint),
                badge(t(one.stopped ? "stopped" : !one.node ? "notServed" : one.last_error ? "failing" : "served"), one.stopped ? "bad" : one.node && !one.last_error ? "good" : "warn"), acts),
            h("dl", { className: "pairs" }, [[t("node"), one.node || "–"], [h("a", { href: "#/figures/seckill_webhook_lag_seconds" }, t("behind")), one.lag_seconds < 1 ? seconds(one.lag_seconds) : about(one.lag_seconds)],
                [t("retrying"), String(one.retrying)], [t("givenUp"), String(one.given_up)], [t("lastError"), one.last_error || t("none")]].flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])),
            one.failures.length ? h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("failures") }, h("table", {},
                h("thead", {}, h("tr", {}, ["event", "attempts", "status", "failedAt", "error"].map((name) => h("th", { scope: "col" }, t(name))))),
                h("tbody", {}, one.failures.map((failed) => h("tr", {}, h("td", { className: "mono" }, failed.id), h("td", { className: "n" }, String(failed.attempts)),
                    h("td", {}, t(failed.retried ? "retrying" : "givenUp")), h("td", { className: "fit" }, when(failed.failed_at)), h("td", {}, failed.error)))))) : null);
    }

    reading.onRead = () => {
        if (reading.error) return;
        // A button that somebody is about to press stays where it is.
        const now = JSON.stringify(reading.value);
        if (body.dataset.shown === now) return;
        body.dataset.shown = now;
        body.replaceChildren(...(reading.value.length ? reading.value.map(endpoint) : [noEndpoints()]));
    };
    const noEndpoints = () => h("section", { className: "panel", "data-field": "no-endpoints" }, h("p", {}, t("noEndpoints"), " ", t("noEndpointsText")),
        h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("example") }, h("pre", { className: "mono" }, example)));
    return { redraw: () => reading.tick(), remove: () => reading.remove() };
}
