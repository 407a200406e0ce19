// One item: what it is, how many are left, the button, and what became of it.
import { appear, h, link, mark, money, number, say, span, t } from "./dom.js";
import { OrderActions, signInPart } from "./parts.js";
import { states } from "./states.js";

export class Card {
  #price = h("p", { class: "price" });
  #count = h("span", { class: "count" });
  #stock = h("span", { class: "muted" });
  #limit = h("span", { class: "muted" });
  #bar = h("span", { class: "bar", "aria-hidden": "true" });
  #label = h("span");
  #clock = h("span", { class: "figures", "aria-hidden": "true" });
  #button;
  // Where a purchase has led. It takes the focus, so that a key pressed once more presses nothing.
  #outcome = h("p", { class: "won", tabindex: "-1", hidden: true });
  #note = h("p", { class: "note" });
  #more = h("div", { class: "more" });
  #title = h("h2", { tabindex: "-1" });
  #actions;
  #moreKey = "";
  #told;

  /** @param told `{ onBuy, onOrder, onSignIn }` */
  constructor(sku, told) {
    this.#told = told;
    this.#title.id = `item-${sku}`;
    this.#button = h("button", { "data-action": "buy", "aria-describedby": this.#title.id, class: "buy", type: "button", click: () => told.onBuy() }, this.#label, this.#clock);
    this.element = h(
      "li",
      { class: "card", "data-sku": sku, "data-state": "loading" },
      this.#title,
      this.#price,
      h("div", { class: "stock" }, h("p", {}, this.#count, " ", this.#stock), this.#limit, this.#bar),
      h("div", { class: "act" }, this.#outcome, this.#button, this.#note, this.#more),
    );
  }

  get state() {
    return this.element.dataset.state;
  }

  showItem(item) {
    if (!item) return;
    say(this.#title, item.title);
    say(this.#price, money(item.unit_price, item.currency));
    say(this.#count, item.available > 0 ? t("left", { n: number(item.available) }) : t("noneLeft"));
    say(this.#stock, t("ofStock", { n: number(item.stock) }));
    say(this.#limit, t("limitPerUser", { n: number(item.limit_per_user) }));
    this.#bar.style.setProperty("--part", item.stock > 0 ? Math.min(1, item.available / item.stock) : 0);
  }

  /**
   * @param isLit whether it may be pressed beside what its state says: asking again.
   * @param order the newest that is alive.
   * @param outcome what became of the last one, as a key of the texts.
   * @param have, limit units of the buyer's, and how many may be.
   */
  show({ state, attempt, isLit, note, order, orderID, outcome, have, limit, now, opensAt }) {
    const { look, word, note: usual } = states[state];
    const focused = this.element.contains(document.activeElement) && document.activeElement;
    const isGone = look === "gone";
    mark(this.element, "data-state", state);
    const isPressable = isLit || look === "lit";
    mark(this.#button, "aria-disabled", isPressable ? null : "true");
    mark(this.#button, "aria-busy", look === "busy" && !isLit ? "true" : null);
    if (this.#button.hidden && !isGone) appear(this.#button);
    this.#button.hidden = isGone;
    const seconds = attempt?.until ? Math.max(1, Math.ceil((attempt.until - performance.now()) / 1000)) : 1;
    const figures = { n: state === "sending" ? (attempt?.attempt ?? 1) : seconds, have: number(have), limit: number(limit) };
    const isShare = have > 0 && limit > 1;
    say(this.#label, t(isLit ? "askAgain" : state === "ready" && have ? "another" : state === "limit" && isShare ? "share" : word, figures));
    say(this.#clock, state === "waiting" ? span(opensAt - now) : "");
    const end = isGone ? word : outcome;
    this.#outcome.hidden = !end;
    say(this.#outcome, end ? t(end) : "");
    mark(this.#outcome, "data-outcome", end ?? null);
    const text = note ?? (isLit ? "noteAskAgain" : state === "ready" && isShare ? "share" : usual);
    say(this.#note, text && !isGone ? t(text, figures) : "");
    this.#showMore(state, order, orderID);
    this.#actions?.tick(now);
    // Never on to the next button that costs money.
    const isLost = focused && (!this.element.contains(focused) || focused.closest("[hidden]"));
    if (isLost) (end ? this.#outcome : this.#title).focus();
  }

  // Built anew only when it becomes another thing.
  #showMore(state, order, orderID) {
    const key = `${state === "won" || state === "signed_out" ? state : ""} ${order?.id ?? orderID ?? ""} ${order?.state ?? ""}`;
    if (key === this.#moreKey) return;
    this.#moreKey = key;
    this.#actions = state === "won" && order ? new OrderActions(order, this.#told.onOrder) : undefined;
    const id = order?.id ?? orderID;
    const parts = [
      this.#actions?.element,
      state === "signed_out" ? signInPart(this.#told.onSignIn) : null,
      id ? h("a", { href: link(`/orders/${id}`), "data-field": "order" }, t("yourOrder")) : null,
    ];
    this.#more.replaceChildren(...parts.filter(Boolean));
  }

  get isActing() {
    return this.#actions !== undefined;
  }
}
