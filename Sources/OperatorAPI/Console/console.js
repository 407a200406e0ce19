// The shell: who is signed in, which page is shown, and the one clock that redraws it.

import { get, token, whenSignedOut, Unreachable } from "./api.js";
import { h, put, setAttribute } from "./dom.js";
import { isUTC, local, utc } from "./format.js";
import { languageLink } from "./language.js";
import { Live } from "./live.js";
import { showKeys } from "./keys.js";
import { about } from "./units.js";
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

let leaveSignIn = () => {};

/** @param canRetry the token that is kept may be good: it was not refused. */
function showSignIn(message = "", canRetry = false) {
    leaveSignIn();
    const alert = h("p", { role: "alert" }, message);
    const input = h("input", { name: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "hint" });
    const button = h("button", { className: "main" }, t("signIn"));
    const retry = !canRetry ? null : h("button", {
        type: "button", "data-action": "try-again", onclick: () => tryEntering(),
    }, t("tryAgain"));
    // Where anybody may read, whoever signed out is anybody: here, and at every address of the page.
    const readAlone = () => { token.forget(); tryEntering(); };
    const alone = !readsAlone ? null : h("button", { type: "button", "data-action": "read-alone", onclick: readAlone }, t("readAlone"));
    const buttons = [button, retry, alone].filter(Boolean);
    if (readsAlone) addEventListener("hashchange", readAlone);
    leaveSignIn = () => removeEventListener("hashchange", readAlone);
    async function tryEntering() {
        for (const one of buttons) one.disabled = true;
        put(alert, "");
        const refusal = await enter();
        for (const one of buttons) one.disabled = false;
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
    }, h("h1", { className: "brand" }, mark(), "Seckill"), h("label", {}, t("token"), input), h("p", { id: "hint", className: "muted" }, t("tokenHint")), alert, button, retry,
        alone ? h("p", { className: "muted" }, t("anybodyReads")) : null, alone, languageLink());
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

/** Without a frame; a page that was just opened has longer for its first. */
const [staleMilliseconds, firstFrameMilliseconds] = [5000, 10000];

function start(me) {
    leaveSignIn();
    const live = new Live();
    // `isStale`: what is shown is of a while ago, and nobody would answer what is asked.
    const app = { me, live, isKiosk, isStale: false, mayWrite: me.role === "operator" || me.role === "admin", notify };
    const links = pages.map(([name, address]) => h("a", { href: address, "data-page": name }, t(name)));
    const pulse = h("span", { className: "pulse" });
    const clock = h("span", { className: "clock" });
    const notice = h("div", { className: "notice", role: "status" });
    const news = h("span");
    const age = h("span", { "aria-hidden": "true" });
    const outage = h("div", { className: "outage", role: "status" }, news, " ", age);
    const nav = h("nav", { "aria-label": "Seckill", "data-scrolls": true }, links);
    const other = languageLink();
    const isAlone = !token.get() && readsAlone;
    const main = h("main", { id: "content", tabindex: "-1" });
    const session = h("div", { className: "session" }, pulse, clock,
        h("span", { title: isAlone ? t("anybodyReads") : null }, h("b", { "data-field": "operator" }, me.name), " ", isAlone ? t("anybodyReadsShort") : t(`role_${me.role}`)),
        other, h("button", { type: "button", className: "quiet", "data-action": "keys", "aria-label": t("keys"), title: t("keys"), onclick: showKeys }, h("kbd", {}, "?")),
        h("button", { type: "button", className: "quiet", "data-action": token.get() ? "sign-out" : "sign-in", onclick: () => leave("") }, t(token.get() ? "signOut" : "signIn")));
    document.body.replaceChildren(
        h("header", { className: "top" }, h("div", { className: "inner" },
            h("a", { className: "brand", href: "#/" }, mark(), "Seckill"), nav, session), outage),
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
        // Another search on the same page leaves whoever types where he was.
        const typing = document.activeElement?.closest?.("main form") ? document.activeElement.name : "";
        const before = main.dataset.view;
        view?.remove?.();
        const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
        const [page = "", ...rest] = path.split("/").map(decodeURIComponent);
        const parameters = new URLSearchParams(search);
        const [name, make] = route(page, rest);
        main.dataset.view = name;
        main.replaceChildren();
        for (const link of links) setAttribute(link, "aria-current", link.dataset.page === (name === "sale" ? "overview" : name === "order" ? "orders" : name) ? "page" : null);
        document.title = `${[rest[0], t(name)].filter(Boolean).join(" · ")} · Seckill`;
        const here = nav.querySelector("[aria-current]");
        if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
        view = make ? make(app, main, rest, parameters) : null;
        if (!make) main.append(h("h1", {}, t("notHere")));
        if (typing && before === name) main.querySelector(`[name="${CSS.escape(typing)}"]`)?.focus();
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
        tellOutage();
    }

    /** An outage must not look like a calm day: the figures grow pale, and nothing can be pressed. */
    function tellOutage() {
        app.isStale = live.silence > (live.last ? staleMilliseconds : firstFrameMilliseconds);
        const seen = live.last ? `${utc(live.last.time, "clock")} UTC` : "";
        put(news, !app.isStale ? "" : seen ? t("noNews", { at: seen }) : t("noNewsYet"));
        const long = about(live.silence / 1000);
        put(age, app.isStale && seen ? t("ago", { n: long }) : "");
        setAttribute(main, "data-stale", app.isStale);
        for (const figures of main.querySelectorAll(".figures")) setAttribute(figures, "data-age", app.isStale && seen ? t("ago", { n: long }) : null);
        for (const buttons of main.querySelectorAll("[data-acts]")) buttons.disabled = app.isStale;
    }
    live.whenBack(() => redraw());

    function onKey(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
        if (event.key === "/") {
            event.preventDefault();
            const search = main.querySelector("[data-search]");
            if (search) search.focus();
            else {
                addEventListener("hashchange", () => main.querySelector("[data-search]")?.focus(), { once: true });
                location.hash = "#/orders";
            }
        }
        if (event.key === "p") {
            event.preventDefault();
            view?.pause?.();
        }
        if (event.key === "?") {
            event.preventDefault();
            showKeys();
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
