// The shell: who is signed in, which page is shown, and the one clock that redraws it.

import { get, token, whenSignedOut, Unreachable } from "./api.js";
import { h, put, setAttribute } from "./dom.js";
import { isUTC, local, utc } from "./format.js";
import { Live } from "./live.js";
import { language, t } from "./words.js";
import { eventsView } from "./events.js";
import { figuresView } from "./metrics.js";
import { historyView } from "./history.js";
import { nodesView } from "./nodes.js";
import { orderView } from "./order.js";
import { ordersView } from "./orders.js";
import { overviewView } from "./overview.js";
import { saleView } from "./sale.js";
import { settingsView } from "./settings.js";
import { storesView } from "./stores.js";

const pages = [
    ["overview", "#/", overviewView], ["orders", "#/orders", ordersView], ["nodes", "#/nodes", nodesView], ["stores", "#/stores", storesView],
    ["eventsOut", "#/events", eventsView], ["history", "#/history", historyView], ["settings", "#/settings", settingsView],
];
const isKiosk = new URLSearchParams(location.search).has("kiosk");
document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
document.documentElement.classList.toggle("kiosk", isKiosk);

const mark = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    for (const [name, attributes] of [["rect", { width: 16, height: 16, rx: 3, fill: "var(--accent)" }],
        ["path", { d: "M9.5 1.5 3.5 9h3.6L6.5 14.5l6-7.5H8.9z", fill: "var(--on-accent)" }]]) {
        const part = document.createElementNS("http://www.w3.org/2000/svg", name);
        for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
        svg.append(part);
    }
    return svg;
};

// Signing in

/** @param canRetry the token that is kept may be good: it was not refused. */
function showSignIn(message = "", canRetry = false) {
    const alert = h("p", { role: "alert" }, message);
    const input = h("input", { name: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "hint" });
    const button = h("button", { className: "main" }, t("signIn"));
    const retry = !canRetry ? null : h("button", {
        type: "button", "data-action": "try-again", onclick: () => tryEntering(),
    }, t("tryAgain"));
    async function tryEntering() {
        for (const one of [button, retry]) if (one) one.disabled = true;
        put(alert, "");
        const refusal = await enter();
        for (const one of [button, retry]) if (one) one.disabled = false;
        if (!refusal) return;
        // Without a token there is nothing to try again.
        if (retry && !token.get() && !readsAlone) retry.hidden = true;
        put(alert, refusal);
        input.select();
    }
    const form = h("form", {
        onsubmit: async (event) => {
            event.preventDefault();
            const typed = input.value.trim();
            if (!typed || button.disabled) return;
            token.keep(typed);
            await tryEntering();
        },
    }, h("h1", { className: "brand" }, mark(), "Seckill"), h("label", {}, t("token"), input), h("p", { id: "hint", className: "muted" }, t("tokenHint")), alert, button, retry);
    document.title = `${t("signIn")} · Seckill`;
    document.body.replaceChildren(h("main", { className: "signin" }, form));
    input.focus();
}

/**
 * Shows the console when the service knows who asks; else says why not.
 * Only a refused token is forgotten: an outage says nothing about it.
 */
async function enter() {
    try {
        start(await get("/admin/v1/me"));
        return null;
    } catch (error) {
        if (error.status === 401) token.forget();
        if (error instanceof Unreachable) return t("unreachable");
        if (error.status === 429) return t("tooManyTokens", { n: 60 });
        return error.status === 401 ? t("wrongToken") : error.message;
    }
}

let running = null;

whenSignedOut(() => {
    if (!running) return;
    leave(t("signedOut"));
});

function leave(message) {
    running?.stop();
    running = null;
    token.forget();
    showSignIn(message);
}

// The frame

function start(me) {
    const live = new Live();
    const app = { me, live, isKiosk, mayWrite: me.role === "operator" || me.role === "admin", notify };
    const links = pages.map(([name, address]) => h("a", { href: address, "data-page": name }, t(name)));
    const pulse = h("span", { className: "pulse" });
    const clock = h("span", { className: "clock" });
    const notice = h("div", { className: "notice", role: "status" });
    const main = h("main", { id: "content", tabindex: "-1" });
    const session = h("div", { className: "session" }, pulse, clock,
        h("span", {}, h("b", { "data-field": "operator" }, me.name), " ", t(`role_${me.role}`)),
        h("button", { type: "button", className: "quiet", "data-action": token.get() ? "sign-out" : "sign-in", onclick: () => leave("") }, t(token.get() ? "signOut" : "signIn")));
    document.body.replaceChildren(
        h("header", { className: "top" }, h("div", { className: "inner" },
            h("a", { className: "brand", href: "#/" }, mark(), "Seckill"), h("nav", { "aria-label": "Seckill", "data-scrolls": true }, links), session)),
        main, notice);

    let view = null;
    let noticeTimer = 0;
    let timer = 0;

    function notify(text) {
        put(notice, text);
        clearTimeout(noticeTimer);
        noticeTimer = setTimeout(() => put(notice, ""), 8000);
    }

    function show() {
        view?.remove?.();
        const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
        const [page = "", ...rest] = path.split("/").map(decodeURIComponent);
        const parameters = new URLSearchParams(search);
        const [name, make] = route(page, rest);
        main.dataset.view = name;
        main.replaceChildren();
        for (const link of links) setAttribute(link, "aria-current", link.dataset.page === (name === "sale" ? "overview" : name === "order" ? "orders" : name) ? "page" : null);
        document.title = `${[rest[0], t(name)].filter(Boolean).join(" · ")} · Seckill`;
        view = make ? make(app, main, rest, parameters) : null;
        if (!make) main.append(h("h1", {}, t("notHere")));
        redraw();
    }

    function route(page, rest) {
        if (page === "sales" && rest[0]) return ["sale", saleView];
        if (page === "orders" && rest[0]) return ["order", orderView];
        if (page === "figures") return ["figures", figuresView];
        const found = pages.find(([, address]) => address === `#/${page}`);
        return found && !rest.length ? [found[0], found[2]] : ["figures", null];
    }

    function redraw() {
        const now = live.now();
        put(clock, isUTC() ? `${utc(now, "clock")} UTC` : `${utc(now, "clock")} UTC · ${local(now, "clock")}`);
        setAttribute(pulse, "data-state", live.state);
        const wait = Math.max(1, Math.ceil((live.retryAt - Date.now()) / 1000));
        put(pulse, live.state === "live" ? t("live") : live.state === "waiting" ? t("retryIn", { n: wait }) : live.state === "ended" ? t("noFeed") : t("connecting"));
        if (!document.hidden) view?.redraw?.(now);
    }

    function onKey(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
        if (event.key === "/") {
            event.preventDefault();
            const search = main.querySelector("[data-search]");
            if (search) search.focus();
            else location.hash = "#/orders";
        }
        if (event.key === "p") {
            event.preventDefault();
            view?.pause?.();
        }
    }

    addEventListener("hashchange", show);
    addEventListener("keydown", onKey);
    document.addEventListener("visibilitychange", redraw);
    const own = {
        stop() {
            clearInterval(timer);
            live.stop();
            view?.remove?.();
            removeEventListener("hashchange", show);
            removeEventListener("keydown", onKey);
            document.removeEventListener("visibilitychange", redraw);
        },
    };
    running = own;
    // The feed of an earlier session must not end this one.
    live.run().then(() => { if (running === own && live.isRefused) leave(t("signedOut")); });
    timer = setInterval(redraw, 1000);
    show();
}

const readsAlone = document.documentElement.dataset.readsAlone === "true";
if (token.get() || readsAlone) {
    const refusal = await enter();
    if (refusal) {
        const isWrong = refusal === t("wrongToken");
        showSignIn(isWrong && readsAlone ? "" : refusal, !isWrong);
    }
} else {
    showSignIn();
}
