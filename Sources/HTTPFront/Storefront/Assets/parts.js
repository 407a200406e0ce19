// What several pages show: an order's actions, the question before a cancellation, the line below.
import { buyerName, canSignIn, client, isDemo, payDemo, payURL, signIn } from "./buyer.js";
import { appear, h, link, mark, money, say, span, t, time } from "./dom.js";
import { pauseAfter } from "./seckill.js";

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

/** Whether asking again may help. */
export const isPassing = ({ status }) => status === 0 || status === 429 || status >= 500;

/** Whether the shop gave no answer. */
export const isUnreached = ({ code }) => code === "outcome_unknown";

/** What is to be said of an order that has ended, beside its state; the service does not tell who
 * has cancelled it. */
export const endNote = ({ state, refund_due: isRefundDue }) =>
  isRefundDue ? "noteRefund" : state === "cancelled" ? "noteCancelled" : undefined;

// Milliseconds: what is shorter, nobody has to know.
const blip = 3_000;
const banner = h("p", { class: "banner", role: "status" });
// After the other, which speaks for the pages; it is shown above everything.
document.body.append(banner);
let lost;

function setLost(isLost) {
  if (isLost === Boolean(lost)) return;
  clearTimeout(lost);
  const show = (text) => {
    say(banner, text);
    mark(document.documentElement, "data-lost", text ? "" : null);
  };
  const since = client.clock.isKnown ? client.clock.now() : Date.now();
  lost = isLost ? setTimeout(() => show(t("lost", { time: time(since) })), blip) : undefined;
  if (!isLost) show("");
}

/** Time to pay, pay, cancel: of an order that awaits its payment. */
export class OrderActions {
  #till = h("span", { role: "timer", class: "figures" });
  #pay;
  #cancel;
  #failure = h("p", { class: "failure", role: "alert", hidden: true });
  #order;

  /** @param onChange told the order as it is now. */
  constructor(order, onChange) {
    this.#order = order;
    this.#cancel = h("button", { class: "quiet", "data-action": "cancel", click: () => this.#end(onChange) }, t("cancel"));
    const url = payURL(order);
    const amount = money(order.unit_price * order.quantity, order.currency);
    if (url) this.#pay = h("a", { class: "plain lit", "data-action": "pay", href: url }, t("pay", { amount }));
    else if (isDemo) this.#pay = h("button", { class: "plain lit", "data-action": "pay", click: () => this.#settle(onChange) }, t("payDemo", { amount }));
    else this.#pay = h("p", { class: "note" }, t("payAtShop"));
    for (const element of [this.#pay, this.#cancel]) appear(element);
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

  async #end(onChange) {
    if (!(await ask(t("cancelAsk"), t("cancelHint"), t("cancelYes"), t("cancelNo")))) return this.#cancel.focus();
    await this.#work(this.#cancel, "cancelling", () => client.cancel(this.#order.id), onChange);
  }

  #settle(onChange) {
    return this.#work(this.#pay, "paying", () => payDemo(this.#order), onChange);
  }

  // Both may be done twice, and are once: what has no answer is asked again.
  async #work(button, busy, act, onChange) {
    if (button.getAttribute("aria-busy")) return;
    const idle = button.textContent;
    button.setAttribute("aria-busy", "true");
    say(button, t(busy));
    this.#fail("");
    let order;
    for (let failures = 1; !order; failures += 1) {
      try {
        order = await act();
      } catch (problem) {
        const words = isUnreached(problem) ? "unreachedHeld" : isPassing(problem) ? "busyHeld" : "failed";
        if (words !== "failed") this.#fail(t(words, { time: time(this.#order.pay_by) }));
        // Somebody else was faster, or it was too late: what counts is what the order is now.
        const now = await client.order(this.#order.id).catch(() => null);
        if (now && now.state !== this.#order.state) order = now;
        else if (words === "failed") {
          this.#fail(t(words));
          break;
        } else await pause(failures, problem);
        // It has made room for something else.
        if (!this.element.isConnected) return;
      }
    }
    if (order) onChange(order);
    button.removeAttribute("aria-busy");
    say(button, idle);
  }

  #fail(text) {
    say(this.#failure, text);
    this.#failure.hidden = !text;
  }
}

const pause = (failures, { retryAfter }) => new Promise((resume) => setTimeout(resume, 500 + pauseAfter(failures, retryAfter)));

// Another token, however often that has to be asked for; `note` tells how it goes. Resolves to
// whether it is there.
async function signInAgain(note) {
  for (let failures = 1; ; failures += 1) {
    try {
      await signIn();
      say(note, "");
      return true;
    } catch (problem) {
      say(note, t(isUnreached(problem) ? "unreached" : isPassing(problem) ? "busyAgain" : "failed"));
      if (!isPassing(problem)) return false;
      await pause(failures, problem);
      if (!note.isConnected) return false;
    }
  }
}

/** Sign in, where the page can offer it; else where to do it. */
export function signInPart(onDone) {
  if (!canSignIn) return h("p", { class: "note" }, t("signInAtShop"));
  const note = h("span", { class: "failure", role: "alert" });
  const press = busyWhile(async () => (await signInAgain(note)) && onDone());
  return h("div", {}, h("button", { class: "plain", "data-action": "sign-in", click: press }, t("signIn")), note);
}

// One press at a time.
const busyWhile = (act) => async ({ currentTarget: button }) => {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    await act();
  } finally {
    button.removeAttribute("aria-busy");
  }
};

/** At the end of each page: connection, clock, and whom we play. */
export class Foot {
  #dot = h("span", { class: "dot", "aria-hidden": "true" });
  #link = h("span", {}, t("connecting"));
  #clock = h("span", { class: "figures", title: t("clockHint") });
  #buyer = h("span", { "data-field": "buyer" });

  constructor() {
    const line = document.querySelector("[data-part=line]");
    line.append(h("span", { "data-field": "connection" }, this.#dot, this.#link), this.#clock);
    if (!isDemo) return;
    const note = h("span", { role: "alert" });
    const path = location.pathname.startsWith("/orders") ? "/orders" : location.pathname;
    const other = busyWhile(async () => {
      if (!(await ask(t("otherAsk"), t("otherHint"), t("otherYes"), t("otherNo")))) return;
      if (await signInAgain(note)) location.assign(link(path));
    });
    const change = h("button", { class: "text", "data-action": "other-buyer", click: other }, t("otherBuyer"));
    line.append(h("span", { class: "buyer" }, this.#buyer, " ", change, " ", note));
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
      setLost(state === "offline");
    }
    if (bound !== undefined && Number.isFinite(bound)) say(this.#clock, t("clock", { n: Math.max(1, Math.round(bound)) }));
  }
}

/** Calls when the page can be looked at again, or reaches the service again. */
export function onReturn(act) {
  let next;
  // A page that was frozen hears of its return twice, and looks once.
  const soon = () => (clearTimeout(next), (next = setTimeout(act, 20)));
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  document.addEventListener("resume", soon);
  addEventListener("pageshow", (event) => event.persisted && soon());
  addEventListener("online", soon);
}
