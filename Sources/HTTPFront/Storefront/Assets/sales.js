// All sales: the service has written them, this keeps them true.
import { client } from "./buyer.js";
import { date, h, link, say, span, t } from "./dom.js";
import { Foot, isUnreached, onReturn } from "./parts.js";

const ahead = "not_started,open,sold_out,paused";
const groups = { running: ["open", "sold_out"], paused: ["paused"], coming: ["not_started"], ended: ["closed"] };
const day = 86_400_000;

export class SalesPage {
  #foot = new Foot();
  #place = document.querySelector("[data-part=content]");
  #sales;
  // Those that had ended when the page was opened.
  #ended;
  #rows = new Map();
  #shape = "";
  #next;
  #poll;

  start() {
    for (const time of this.#place.querySelectorAll("time")) say(time, date(time.dateTime));
    client.clock.onChange = () => this.#render();
    client.clock.start();
    this.#load();
    addEventListener("offline", () => this.#load());
    onReturn(() => {
      client.clock.start();
      this.#load();
    });
  }

  async #load() {
    clearTimeout(this.#poll);
    let pause = 5_000 + Math.random() * 10_000;
    try {
      const sales = await this.#list(ahead);
      this.#ended ??= await this.#list("closed");
      const isThere = (one) => sales.some(({ sale }) => sale === one.sale);
      // One that is there no more has ended.
      const gone = (this.#sales ?? this.#ended).filter((one) => !isThere(one));
      this.#sales = [...sales, ...gone.map((one) => ({ ...one, state: "closed" }))];
      this.#foot.show("polling");
      this.#render();
    } catch (problem) {
      if (isUnreached(problem)) this.#foot.show("offline");
      pause += (problem.retryAfter ?? 5) * 1000;
    }
    this.#poll = setTimeout(() => this.#load(), pause);
  }

  async #list(states) {
    return (await (await client.request(`/v1/sales?state=${states}&limit=100`)).json()).sales;
  }

  #phaseOf(sale, now, bound) {
    if (now >= Date.parse(sale.closes_at) + bound) return "closed";
    return sale.state === "not_started" && now >= Date.parse(sale.opens_at) + bound ? "open" : sale.state;
  }

  #render() {
    clearTimeout(this.#next);
    const { clock } = client;
    this.#foot.show(undefined, clock.bound);
    if (!clock.isKnown || !this.#sales) return;
    const now = clock.now();
    const states = this.#sales.map((sale) => [sale, this.#phaseOf(sale, now, clock.bound)]);
    const shape = JSON.stringify(states.map(([sale, state]) => [sale.sale, sale.title, sale.opens_at, sale.closes_at, state]));
    if (shape !== this.#shape) this.#build(states);
    this.#shape = shape;
    for (const [id, timer] of this.#rows) {
      const sale = this.#sales.find((one) => one.sale === id);
      say(timer, span(Date.parse(sale.opens_at) - now));
    }
    if (this.#rows.size) this.#next = setTimeout(() => this.#render(), 1001 - (now % 1000));
  }

  #build(states) {
    this.#rows.clear();
    const hadFocus = document.activeElement?.closest?.("[data-sale]")?.dataset.sale;
    const sections = Object.entries(groups).map(([name, members]) => {
      const rows = states.filter(([, state]) => members.includes(state)).map(([sale, state]) => this.#row(sale, state));
      return rows.length ? h("section", { class: "group", "data-group": name }, h("h2", {}, t(name)), h("ul", { class: "rows" }, ...rows)) : null;
    });
    const nothing = h("p", { class: "muted" }, t("noSales"));
    this.#place.replaceChildren(...(states.length ? sections.filter(Boolean) : [nothing]));
    if (hadFocus) this.#place.querySelector(`[data-sale="${hadFocus}"] a`)?.focus();
  }

  #row(sale, state) {
    const isNear = state === "not_started" && Date.parse(sale.opens_at) - client.clock.now() < 7 * day;
    const timer = h("span", { role: "timer", class: "figures" });
    if (isNear) this.#rows.set(sale.sale, timer);
    const when = { not_started: ["opensAt", sale.opens_at], closed: ["endedAt", sale.closes_at] }[state] ?? ["closesAt", sale.closes_at];
    // One that was closed early does not say when.
    const isTold = state !== "closed" || Date.parse(sale.closes_at) <= client.clock.now();
    // What the heading does not say already.
    const word = state === "sold_out" ? t("sale_sold_out") : "";
    return h(
      "li",
      { "data-sale": sale.sale, "data-state": state },
      h(
        "a",
        { href: link(`/sales/${sale.sale}`) },
        h("span", { class: "row-title" }, sale.title),
        h("span", { class: "row-state", "data-state": state }, word),
        isTold ? h("span", { class: "muted" }, t(when[0]), " ", h("time", { datetime: when[1] }, date(when[1]))) : null,
        isNear ? timer : null,
      ),
    );
  }
}
