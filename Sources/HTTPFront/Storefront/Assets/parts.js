// What several pages show: an order's actions, the question before a cancellation, the line below.
import { buyerName, canSignIn, client, isDemo, payDemo, payURL, signIn } from "./buyer.js";
import { h, link, say, span, t } from "./dom.js";

const status = document.querySelector("[role=status]");

/** Says it to those who cannot see it, once. */
export const announce = (text) => say(status, text);

/** Takes back what was said to, and asked of, a buyer who has left. */
export function hush() {
  announce("");
  document.querySelector("dialog")?.close();
}

/** Asks before something is given away; resolves to whether it may be. */
function ask(question, hint, yes, no) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { "aria-labelledby": "question", close: () => (resolve(dialog.returnValue === "yes"), dialog.remove()) },
      h("h2", { id: "question" }, question),
      h("p", {}, hint),
      h(
        "div",
        { class: "actions" },
        h("button", { class: "quiet", "data-action": "keep", click: () => dialog.close("no") }, no),
        h("button", { class: "plain bad", "data-action": "confirm", click: () => dialog.close("yes") }, yes),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Time to pay, pay, cancel: of an order that awaits its payment. */
export class OrderActions {
  #till = h("span", { role: "timer", class: "figures" });
  #pay;
  #cancel;
  #failure = h("p", { class: "failure", hidden: true });
  #order;

  /** @param onChange told the order as it is now. */
  constructor(order, onChange) {
    this.#order = order;
    this.#cancel = h("button", { class: "quiet", "data-action": "cancel", click: () => this.#end(onChange) }, t("cancel"));
    const url = payURL(order);
    if (url) this.#pay = h("a", { class: "plain lit", "data-action": "pay", href: url }, t("pay"));
    else if (isDemo) this.#pay = h("button", { class: "plain lit", "data-action": "pay", click: () => this.#settle(onChange) }, t("payDemo"));
    else this.#pay = h("p", { class: "note" }, t("payAtShop"));
    this.element = h(
      "div",
      { class: "order-actions" },
      h("p", { class: "till" }, t("notePay"), " ", this.#till),
      h("div", { class: "actions" }, this.#pay, this.#cancel),
      this.#failure,
    );
  }

  tick(now) {
    say(this.#till, span(Date.parse(this.#order.pay_by) - now));
  }

  focus() {
    this.element.querySelector("[data-action]").focus();
  }

  async #end(onChange) {
    if (!(await ask(t("cancelAsk"), t("cancelHint"), t("cancelYes"), t("cancelNo")))) return this.#cancel.focus();
    await this.#work(this.#cancel, "cancelling", "cancel", () => client.cancel(this.#order.id), onChange);
  }

  #settle(onChange) {
    return this.#work(this.#pay, "paying", "payDemo", () => payDemo(this.#order), onChange);
  }

  async #work(button, busy, idle, act, onChange) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    say(button, t(busy));
    this.#failure.hidden = true;
    try {
      onChange(await act());
    } catch (problem) {
      // Somebody else was faster, or it was too late: what counts is what the order is now.
      const order = await client.order(this.#order.id).catch(() => null);
      if (order && order.state !== this.#order.state) return onChange(order);
      say(this.#failure, t("failed", { reason: problem.message }));
      this.#failure.hidden = false;
    }
    button.removeAttribute("aria-busy");
    say(button, t(idle));
  }
}

/** Sign in, where the page can offer it; else where to do it. */
export const signInPart = (onDone) =>
  canSignIn
    ? h("button", { class: "plain", "data-action": "sign-in", click: () => signIn().then(onDone) }, t("signIn"))
    : h("p", { class: "note" }, t("signInAtShop"));

/** At the end of each page: connection, clock, and whom we play. */
export class Foot {
  #dot = h("span", { class: "dot", "aria-hidden": "true" });
  #link = h("span", {}, t("connecting"));
  #clock = h("span", { class: "figures" });
  #buyer = h("span", { "data-field": "buyer" });

  constructor() {
    const line = document.querySelector("[data-part=line]");
    line.append(h("span", { "data-field": "connection" }, this.#dot, this.#link), this.#clock);
    if (!isDemo) return;
    const other = () => signIn().then(() => location.assign(link(location.pathname.startsWith("/orders") ? "/orders" : location.pathname)));
    const change = h("button", { class: "text", "data-action": "other-buyer", click: other }, t("otherBuyer"));
    line.append(h("span", { class: "buyer" }, this.#buyer, " ", change));
    this.showBuyer();
  }

  showBuyer() {
    const name = buyerName();
    say(this.#buyer, name ? t("buyer", { name }) : "");
  }

  show(state, bound) {
    if (state) {
      this.#dot.dataset.link = state;
      say(this.#link, t(state));
    }
    if (bound !== undefined && Number.isFinite(bound)) say(this.#clock, t("clock", { n: Math.max(1, Math.round(bound)) }));
  }
}

/** Calls when the page can be looked at again, or reaches the service again. */
export function onReturn(act) {
  document.addEventListener("visibilitychange", () => document.hidden || act());
  addEventListener("pageshow", (event) => event.persisted && act());
  addEventListener("online", act);
}
