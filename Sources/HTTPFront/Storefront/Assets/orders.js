// The buyer's orders, and one of them.
import { client, onBuyer } from "./buyer.js";
import { date, h, link, money, number, say, t } from "./dom.js";
import { Foot, OrderActions, announce, endNote, hush, isPassing, isUnreached, onReturn, signInPart } from "./parts.js";
import { pauseAfter } from "./seckill.js";

const main = document.querySelector("main");
const place = main.querySelector("[data-part=content]");
const sales = new Map();

/** The title of an order's item, or its SKU where the sale is gone. */
async function titleOf(order) {
  if (!sales.has(order.sale)) sales.set(order.sale, client.sale(order.sale).catch(() => null));
  const sale = await sales.get(order.sale);
  return sale?.items.find((item) => item.sku === order.sku)?.title ?? order.sku;
}

const showLoading = () => place.replaceChildren(h("p", { class: "muted" }, t("loading")));

const amount = (order) => money(order.unit_price * order.quantity, order.currency);

// An order that waits to be paid may be ended by the shop meanwhile.
const lookPause = () => 20_000 + Math.random() * 20_000;

let again;

function showProblem(problem, retry, foot) {
  clearTimeout(again);
  if (problem.code === "unauthenticated") {
    const enter = () => (foot.showBuyer(), retry());
    return place.replaceChildren(h("p", {}, t("noteSignedOut")), signInPart(enter));
  }
  if (problem.code === "unknown_order") {
    const orders = h("a", { href: link("/orders") }, t("myOrders"));
    return place.replaceChildren(h("p", {}, t("unknownOrder")), h("p", {}, orders));
  }
  const isLost = isUnreached(problem);
  foot.show(isLost ? "offline" : "polling");
  if (isPassing(problem)) again = setTimeout(retry, 1000 + pauseAfter(4, problem.retryAfter));
  // What is shown stays, and the banner says of when it is: what somebody does there goes on.
  if (isPassing(problem) && place.querySelector("[data-order], [data-field=state]")) return;
  const button = h("button", { class: "plain", click: retry }, t("reload"));
  place.replaceChildren(h("p", { class: "failure" }, t(isLost ? "unreached" : isPassing(problem) ? "busyAgain" : "failed")), button);
}

export class OrdersPage {
  #foot = new Foot();
  #list = h("ul", { class: "rows" });
  #more = h("button", { class: "quiet", "data-action": "more", click: () => this.#load(this.#cursor) }, t("more"));
  #cursor;
  #later;
  // Which load is under way: what an earlier one hears may be another buyer's.
  #run = 0;

  start() {
    const load = () => this.#load();
    load();
    onReturn(load);
    onBuyer(() => {
      this.#list.replaceChildren();
      showLoading();
      load();
    });
  }

  async #load(cursor) {
    clearTimeout(this.#later);
    const run = (this.#run += 1);
    const count = this.#list.children.length;
    try {
      const page = await client.orders({ limit: cursor ? 20 : Math.min(Math.max(20, count), 100), cursor });
      const rows = await Promise.all(page.orders.map((order) => this.#row(order)));
      if (run !== this.#run) return;
      this.#foot.show("polling");
      this.#foot.showBuyer();
      rows.forEach((row, index) => this.#put(row, cursor ? count : index));
      this.#cursor = page.next_cursor;
      this.#more.hidden = !page.next_cursor;
      if (!this.#list.children.length) place.replaceChildren(h("p", { class: "muted" }, t("noOrders")), h("a", { href: link("/") }, t("toSales")));
      else if (!this.#list.isConnected) place.replaceChildren(this.#list, this.#more);
      if (cursor) this.#list.children[count]?.firstChild.focus();
      if (this.#list.querySelector("[data-state=awaiting_payment]")) this.#later = setTimeout(() => this.#load(), lookPause());
    } catch (problem) {
      if (run !== this.#run) return;
      if (problem.code === "unauthenticated") this.#list.replaceChildren();
      showProblem(problem, () => this.#load(), this.#foot);
    }
  }

  // Rows change where they stand: somebody may be reading them.
  #put(row, index) {
    const { order, state } = row.dataset;
    const old = this.#list.querySelector(`[data-order="${order}"]`);
    if (!old) return this.#list.insertBefore(row, this.#list.children[index] ?? null);
    if (old.dataset.state === state) return;
    const hadFocus = old.matches(":focus-within");
    old.replaceWith(row);
    if (hadFocus) row.firstChild.focus();
    announce(t(`order_${state}`));
  }

  async #row(order) {
    return h(
      "li",
      { "data-order": order.id, "data-state": order.state },
      h(
        "a",
        { href: link(`/orders/${order.id}`) },
        h("span", { class: "row-title" }, await titleOf(order)),
        h("span", { class: "row-state", "data-state": order.state }, t(`order_${order.state}`)),
        h("time", { class: "muted" }, date(order.created_at)),
        h("span", { class: "figures row-amount" }, amount(order)),
      ),
    );
  }
}

export class OrderPage {
  #id = document.documentElement.dataset.order;
  #foot = new Foot();
  #order;
  #actions;
  #next;
  #later;
  #isLooking = false;
  // Which load is under way: what an earlier one hears may be another buyer's.
  #run = 0;

  start() {
    client.clock.onChange = () => this.#tick();
    client.clock.start();
    this.#load();
    onReturn(() => {
      client.clock.start();
      this.#load();
    });
    onBuyer(() => {
      hush();
      this.#forget();
      showLoading();
      this.#load();
    });
  }

  #forget() {
    this.#order = this.#actions = undefined;
  }

  async #load() {
    clearTimeout(this.#later);
    const run = (this.#run += 1);
    try {
      const order = await client.order(this.#id);
      if (run !== this.#run) return;
      this.#foot.show("polling");
      this.#foot.showBuyer();
      await this.#show(order);
      if (order.state !== "reserved") return;
      const decided = await client.decided(this.#id);
      if (run === this.#run) await this.#show(decided);
    } catch (problem) {
      if (run !== this.#run) return;
      if (problem.code === "unauthenticated" || problem.code === "unknown_order") this.#forget();
      showProblem(problem, () => this.#load(), this.#foot);
    }
  }

  async #show(order) {
    clearTimeout(this.#later);
    if (order.state === "awaiting_payment") this.#later = setTimeout(() => this.#load(), lookPause());
    if (this.#order && this.#order.state !== order.state) announce(t(`order_${order.state}`));
    const hadFocus = place.contains(document.activeElement);
    const isSame = place.querySelector("[data-field=state]")?.dataset.state === order.state;
    this.#order = order;
    if (isSame) return;
    const title = await titleOf(order);
    if (this.#order !== order) return;
    const onChange = (now) => this.#order?.id === now.id && this.#show(now);
    this.#actions = order.state === "awaiting_payment" ? new OrderActions(order, onChange) : undefined;
    const state = h("p", { class: "order-state", "data-field": "state", "data-state": order.state, tabindex: "-1" }, t(`order_${order.state}`));
    const fact = (name, value) => h("div", {}, h("dt", {}, t(name)), h("dd", {}, value));
    place.replaceChildren(
      state,
      ...(endNote(order) ? [h("p", { class: "note" }, t(endNote(order)))] : []),
      ...(this.#actions ? [this.#actions.element] : []),
      h(
        "dl",
        { class: "facts-list" },
        fact("item", title),
        fact("quantity", number(order.quantity)),
        fact("total", amount(order)),
        fact("placedAt", date(order.created_at)),
        fact("order", h("code", {}, order.id)),
      ),
      h("p", {}, h("a", { href: link(`/sales/${order.sale}`) }, t("toSale"))),
    );
    if (hadFocus) state.focus();
    this.#tick();
  }

  #tick() {
    clearTimeout(this.#next);
    const { clock } = client;
    this.#foot.show(undefined, clock.bound);
    if (!this.#actions || !clock.isKnown) return;
    const rest = Date.parse(this.#order.pay_by) - clock.now();
    this.#actions.tick(clock.now());
    if (rest > -1000) this.#next = setTimeout(() => this.#tick(), Math.max(20, (rest % 1000) + 1));
    else this.#look();
  }

  // The service ends an order that was not paid, a moment after its time.
  async #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await new Promise((resume) => setTimeout(resume, 500 + Math.random() * 2000));
    this.#isLooking = false;
    await this.#load();
    this.#tick();
  }
}
