// The page of one sale.
import { client, onBuyer } from "./buyer.js";
import { Card } from "./card.js";
import { date, h, mark, say, span, t } from "./dom.js";
import { Foot, announce, endNote, hush, isUnreached, onReturn } from "./parts.js";
import { stateOf } from "./states.js";

const day = 86_400_000;
// How long a purchase waits for the buyer's orders: a slow list must not keep anybody from buying.
const ordersPatience = 4000;
// Units that came back are perhaps of an order that the shop has cancelled: who waits to pay looks,
// not more often than this, and not all at once.
const lookPause = 30_000;
// For so long before a sale opens nothing is asked that its opening does not need.
const crowdedBefore = 20_000;
// More than anybody sees at once; the rest comes when it is asked for.
const cardsAtOnce = 100;
const live = new Set(["reserved", "awaiting_payment", "paid"]);
const random = (low, high) => low + Math.random() * (high - low);

/** What this page knows of the buyer and one item. */
class Mine {
  orders = new Map();
  attempt;
  refusal;
  /** An earlier purchase was not answered. */
  isPending = false;
  /** When the button may light after it was sold out; by the monotonic clock. */
  lightAt;
  isLooking = false;
  /** An order that has ended while this page looked on, until the next click. */
  ended;
}

export class SalePage {
  #name = document.documentElement.dataset.sale;
  #main = document.querySelector("main");
  #list = this.#main.querySelector(".cards");
  #phase = this.#main.querySelector("[data-field=phase]");
  #facts = this.#main.querySelectorAll(".facts > span");
  #count = this.#main.querySelector("[data-field=countdown]");
  #countLabel = this.#count.querySelector("span");
  #timer = this.#count.querySelector("[role=timer]");
  #title = this.#main.querySelector("h1");
  #foot = new Foot();
  #cards = new Map();
  #mine = new Map();
  // Ends what is asked for the buyer whose `#mine` is.
  #ending = new AbortController();
  #shown = cardsAtOnce;
  #sale;
  #watch;
  #isSignedOut = false;
  #areOrdersAsked = false;
  // When a purchase need no longer wait for them, by the monotonic clock; 0 once they are known.
  #ordersBy = Infinity;
  #isPickedUp = false;
  #ordersTimer;
  // When the next look at them is, or the last one was, by the monotonic clock.
  #looksAt = -Infinity;
  #said = Infinity;
  #next;

  start() {
    for (const time of this.#main.querySelectorAll("time")) say(time, date(time.dateTime));
    client.clock.onChange = () => this.#render();
    client.clock.start();
    this.#watch = client.watch(this.#name, {
      onSale: (sale) => this.#take(sale),
      onLink: (link) => this.#foot.show(link),
    });
    onReturn(() => {
      client.clock.start();
      this.#watch.refresh();
      this.#loadOrders();
      this.#render();
    });
    addEventListener("offline", () => this.#watch.refresh());
    onBuyer(() => this.#changeBuyer());
    this.#render();
  }

  // Nothing of the one before stays, nor of what is still asked for him.
  #changeBuyer() {
    this.#forgetBuyer();
    this.#isSignedOut = false;
    this.#planOrders(0);
    this.#render();
  }

  #forgetBuyer() {
    this.#ending.abort();
    this.#ending = new AbortController();
    this.#mine = new Map();
    this.#isPickedUp = false;
    this.#ordersBy = Infinity;
    hush();
    this.#foot.showBuyer();
  }

  #signedOut() {
    this.#forgetBuyer();
    this.#isSignedOut = true;
  }

  #mineOf(sku) {
    if (!this.#mine.has(sku)) this.#mine.set(sku, new Mine());
    return this.#mine.get(sku);
  }

  #take(sale) {
    const before = this.#sale;
    this.#sale = sale;
    if (sale) {
      client.clock.busyAt = Date.parse(sale.opens_at);
      say(this.#title, sale.title);
      const times = this.#main.querySelectorAll("time");
      [sale.opens_at, sale.closes_at].forEach((text, index) => {
        times[index].dateTime = text;
        say(times[index], date(text));
      });
      this.#build();
      for (const item of sale.items) this.#cards.get(item.sku)?.showItem(item);
      if (before) this.#lookWhereUnitsCameBack(before, sale);
    }
    // Nobody has any before it opens.
    if (sale?.state === "not_started") this.#ordersBy = 0;
    if (sale && !this.#areOrdersAsked) {
      this.#areOrdersAsked = true;
      this.#planOrders(random(0, 300));
    }
    this.#render();
  }

  #build() {
    const items = this.#sale.items;
    const wanted = items.slice(0, this.#shown);
    if (wanted.every((item) => this.#cards.has(item.sku)) && wanted.length === this.#cards.size) return;
    const cards = new Map(wanted.map((item) => [item.sku, this.#cards.get(item.sku) ?? this.#makeCard(item.sku)]));
    this.#cards = cards;
    this.#list.replaceChildren(...[...cards.values()].map((card) => card.element));
    this.#main.querySelector("[data-action=more]")?.remove();
    if (items.length <= this.#shown) return;
    const more = () => {
      const first = items[this.#shown].sku;
      this.#shown += cardsAtOnce;
      this.#take(this.#sale);
      this.#cards.get(first).element.querySelector("button").focus();
    };
    this.#list.after(h("button", { class: "quiet", "data-action": "more", click: more }, t("more")));
  }

  #makeCard(sku) {
    return new Card(sku, {
      onBuy: () => this.#buy(sku),
      // One that is not known is of a buyer who has left meanwhile.
      onOrder: (order) => this.#mineOf(sku).orders.has(order.id) && this.#keep(order, true),
      onSignIn: () => this.#changeBuyer(),
    });
  }

  // MARK: Orders

  #keep(order, isNews = false, mine = this.#mineOf(order.sku)) {
    if (order.sale !== this.#name || this.#mine.get(order.sku) !== mine) return;
    mine.orders.set(order.id, order);
    if (!isNews) return;
    mine.refusal = undefined;
    mine.ended = live.has(order.state) ? undefined : order;
    announce(t(`order_${order.state}`));
    this.#render();
  }

  #planOrders(pause) {
    clearTimeout(this.#ordersTimer);
    this.#ordersTimer = setTimeout(() => this.#loadOrders(), pause);
  }

  async #loadOrders() {
    clearTimeout(this.#ordersTimer);
    let areHere = false;
    // Before it opens they only tell who has to sign in, and when it opens nobody asks.
    const { state, opens_at: opensAt } = this.#sale ?? {};
    if (state === "not_started" && !(Date.parse(opensAt) - client.clock.now() > crowdedBefore)) {
      this.#ordersBy = 0;
      return;
    }
    this.#areOrdersAsked = true;
    if (this.#ordersBy === Infinity) this.#ordersBy = performance.now() + ordersPatience;
    const mine = this.#mine;
    try {
      const { orders } = await client.orders();
      if (mine !== this.#mine) return;
      this.#isSignedOut = false;
      this.#ordersBy = 0;
      // Whoever looked away while one ended hears of it.
      for (const order of orders) {
        const mine = this.#mineOf(order.sku);
        const known = mine.orders.get(order.id);
        // What came of a purchase whose answer was waited for in vain is perhaps this.
        if (!known && mine.attempt?.isSpent) [mine.attempt, mine.isPending] = [undefined, true];
        this.#keep(order, live.has(known?.state) && !live.has(order.state));
      }
      areHere = this.#sale !== undefined;
    } catch (problem) {
      if (mine !== this.#mine) return;
      if (problem.code === "unauthenticated") this.#signedOut();
      else this.#planOrders(2000 + random(0, 4000) + (problem.retryAfter ?? 0) * 1000);
    }
    // The client has asked for a token now, and knows whose purchases are meant.
    if (!this.#isSignedOut && !this.#isPickedUp) this.#pickUp();
    this.#isPickedUp ||= areHere;
    this.#foot.showBuyer();
    this.#render();
  }

  // What a purchase before the last page load has left.
  #pickUp() {
    for (const { sku } of this.#sale?.items ?? []) {
      const mine = this.#mineOf(sku);
      if (mine.attempt) continue;
      const left = client.pending(this.#name, sku);
      if (left?.order) this.#await(sku, left.order);
      else mine.isPending = Boolean(left?.key);
    }
  }

  async #await(sku, id) {
    const mine = this.#mineOf(sku);
    mine.attempt = { state: "held" };
    try {
      this.#keep(await client.decided(id, { signal: this.#ending.signal }), true, mine);
      if (this.#mine.get(sku) === mine) client.forget(this.#name, sku);
    } catch {
      // Another buyer's, who may come back for it, or gone: the list of orders says it.
    }
    mine.attempt = undefined;
    this.#render();
  }

  // One look at all of the buyer's orders covers every rise until it comes.
  #lookWhereUnitsCameBack(before, now) {
    const were = new Map(before.items.map((item) => [item.sku, item.available]));
    const time = performance.now();
    const isConcerned = ({ sku, available }) => available > were.get(sku) && this.#cards.get(sku)?.isActing;
    if (time < this.#looksAt || !now.items.some(isConcerned)) return;
    this.#looksAt = Math.max(time, this.#looksAt + lookPause) + random(500, 8000);
    setTimeout(() => this.#loadOrders(), this.#looksAt - time);
  }

  async #look(mine, order) {
    mine.isLooking = true;
    await new Promise((resume) => setTimeout(resume, random(500, 2500)));
    const now = await client.order(order.id).catch(() => order);
    mine.isLooking = false;
    if (now.state !== order.state) this.#keep(now, true, mine);
    else this.#render();
  }

  // MARK: Buying

  async #buy(sku) {
    const mine = this.#mineOf(sku);
    const isAgain = mine.attempt?.isSpent || this.#isAskedAgain(mine, sku);
    if (this.#cards.get(sku).state !== "ready" && !isAgain) return;
    mine.refusal = mine.ended = undefined;
    mine.attempt = { state: "sending", attempt: 1 };
    this.#render();
    const told = (attempt) => {
      // What the last answer was still holds while it is asked again.
      mine.attempt = attempt.state === "sending" ? { problem: mine.attempt?.problem, ...attempt } : attempt;
      if (attempt.state === "held") announce(t("held"));
      this.#render();
    };
    const { state, order, problem } = await client
      .buy({ sale: this.#name, sku, known: [...mine.orders.keys()] }, { onChange: told, signal: this.#ending.signal })
      .catch((problem) => ({ state: "unknown", problem }));
    if (this.#mine.get(sku) !== mine) return;
    mine.attempt = state === "retrying" ? { state, isSpent: true } : undefined;
    mine.isPending = false;
    if (state === "signed_out") this.#signedOut();
    else if (order && order.state !== "rejected") this.#keep(order);
    else if (state !== "retrying") {
      const isFinal = state === "limit" || state === "closed";
      const until = isFinal ? Infinity : performance.now() + random(2500, 4500);
      const orderID = problem?.body?.order_id;
      const note = order ? "noteRejected" : undefined;
      mine.refusal = { state, until, orderID, note, terms: isFinal ? this.#terms : undefined };
    }
    this.#render();
    const card = this.#cards.get(sku);
    announce(card.element.querySelector(card.state === "won" ? ".won" : ".buy").textContent);
  }

  // What a final refusal stands on.
  get #terms() {
    return `${this.#sale?.state} ${this.#sale?.closes_at}`;
  }

  #isVoid({ until, terms, orderID }, orders) {
    if (performance.now() >= until || (terms && terms !== this.#terms)) return true;
    const order = orders.get(orderID);
    return order !== undefined && !live.has(order.state);
  }

  #isAskedAgain(mine, sku) {
    return mine.isPending && this.#cards.get(sku).state === "retrying";
  }

  // MARK: Showing

  #render() {
    clearTimeout(this.#next);
    const { clock } = client;
    const [now, bound] = [clock.now(), clock.bound];
    const wakes = [];
    this.#foot.show(undefined, bound);
    const sale = this.#sale;
    if (sale === null) mark(this.#main, "data-state", "unknown");
    for (const [sku, card] of this.#cards) this.#renderCard(sku, card, now, bound, wakes);
    if (sale && clock.isKnown) this.#renderCountdown(now, bound, wakes);
    if (sale && clock.isKnown) this.#renderPhase(this.#phaseOf(now, bound), now);
    const wake = Math.min(...wakes.filter((pause) => pause >= 0));
    // Timers of hidden pages run late and long ones overflow: nothing but this call counts on them.
    if (Number.isFinite(wake)) this.#next = setTimeout(() => this.#render(), Math.min(wake + 1, 60_000));
  }

  #phaseOf(now, bound) {
    const { state, opens_at: opensAt, closes_at: closesAt } = this.#sale;
    if (now >= Date.parse(closesAt) + bound) return "closed";
    return state === "not_started" && now >= Date.parse(opensAt) + bound ? "open" : state;
  }

  // A sale that was closed early does not say when: what is ahead is not told as if it were past.
  #renderPhase(phase, now) {
    const [opens, closes] = [Date.parse(this.#sale.opens_at), Date.parse(this.#sale.closes_at)];
    const isOver = phase === "closed";
    const [opensFact, closesFact] = this.#facts;
    say(this.#phase, t(`sale_${phase}`));
    opensFact.hidden = isOver;
    closesFact.hidden = isOver && closes > now;
    say(opensFact.firstElementChild, t(opens > now ? "opensAt" : "openSince"));
    say(closesFact.firstElementChild, t(isOver ? "endedAt" : "closesAt"));
  }

  #renderCard(sku, card, now, bound, wakes) {
    const mine = this.#mineOf(sku);
    if (mine.refusal && this.#isVoid(mine.refusal, mine.orders)) mine.refusal = undefined;
    const item = this.#sale?.items.find((one) => one.sku === sku);
    const orders = [...mine.orders.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
    const { attempt, refusal } = mine;
    const areOrdersAwaited = performance.now() < this.#ordersBy;
    let state = stateOf({ sale: this.#sale, item, orders, attempt, refusal, isSignedOut: this.#isSignedOut, areOrdersAwaited, now, bound });
    // Units that came back are for all who wait: they do not press in the same instant.
    if (state === "ready" && card.state === "sold_out") {
      mine.lightAt ??= performance.now() + random(0, 2000);
      if (performance.now() < mine.lightAt) state = "sold_out";
    } else if (state !== "sold_out") mine.lightAt = undefined;
    if (state === "sold_out" && mine.isPending) state = "retrying";
    const order = orders.find((one) => live.has(one.state));
    const opensAt = Date.parse(this.#sale?.opens_at);
    const have = orders.reduce((sum, one) => sum + (live.has(one.state) ? one.quantity : 0), 0);
    const ended = attempt ? undefined : mine.ended;
    const outcome = ended ? `order_${ended.state}` : order?.state === "paid" && !attempt ? "paid" : undefined;
    const isUnheard = attempt?.problem && !attempt.isSpent && isUnreached(attempt.problem);
    card.show({
      state, attempt, order, now, opensAt, outcome, have, limit: item?.limit_per_user ?? 1,
      isLit: attempt?.isSpent || (state === "retrying" && !attempt),
      note: refusal?.note ?? (isUnheard ? "noteUnreached" : ended && endNote(ended)), orderID: refusal?.orderID ?? ended?.id,
    });
    if (areOrdersAwaited) wakes.push(this.#ordersBy - performance.now());
    if (refusal) wakes.push(refusal.until - performance.now());
    if (mine.lightAt) wakes.push(mine.lightAt - performance.now());
    if (attempt?.until) wakes.push((attempt.until - performance.now()) % 1000);
    if (state === "waiting") wakes.push((opensAt - now) % 1000, opensAt + bound - now);
    if (state !== "won" || !order) return;
    const rest = Date.parse(order.pay_by) - now;
    wakes.push(Math.max(0, rest) % 1000);
    if (rest < -1000 && !mine.isLooking) this.#look(mine, order);
    else if (rest < 0) wakes.push(500);
  }

  #renderCountdown(now, bound, wakes) {
    const [opens, closes] = [Date.parse(this.#sale.opens_at) - now, Date.parse(this.#sale.closes_at) - now];
    const isAhead = this.#sale.state === "not_started" && opens + bound > 0;
    const isEnding = this.#sale.state !== "closed" && closes > 0 && closes < day;
    this.#count.hidden = !isAhead && !isEnding;
    if (isAhead) this.#tell(opens);
    else if (this.#said < Infinity && this.#said !== 0 && this.#phaseOf(now, bound) === "open") {
      this.#said = 0;
      announce(t("sayOpen"));
    }
    if (this.#count.hidden) return;
    const rest = isAhead ? opens : closes;
    say(this.#countLabel, t(isAhead ? "opensIn" : "closesIn"));
    say(this.#timer, span(rest));
    wakes.push(rest % 1000, rest + bound);
  }

  // Ten minutes, one minute, ten seconds: each once, and none to whoever comes later than that.
  #tell(rest) {
    const steps = [[10_000, "saySeconds"], [60_000, "sayMinute"], [600_000, "sayMinutes"]];
    const step = steps.find(([at]) => rest <= at);
    if (!step) this.#said = Math.min(this.#said, 1e12);
    else if (step[0] < this.#said) {
      this.#said = step[0];
      if (rest > step[0] - 2000) announce(t(step[1], { n: 10 }));
    }
  }
}
