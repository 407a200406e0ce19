/** The buyer's side of Seckill: the server's clock, a purchase that is made once, live stock.
 * Shops import this file as it is. It touches no page and asks nobody but the service. */

/**
 * What the `code` of a refusal asks for. `wait` and `again` repeat under the same key, after
 * `Retry-After` or at once; anything else is final and names the state that it leads to.
 */
export const rules = Object.freeze({
  not_started: "wait",
  rate_limited: "wait",
  overloaded: "wait",
  recovering: "wait",
  idempotency_in_progress: "wait",
  draining: "again",
  request_timeout: "again",
  outcome_unknown: "again",
  sold_out: "sold_out",
  limit_reached: "limit",
  paused: "paused",
  closed: "closed",
  unauthenticated: "signed_out",
});

/** Milliseconds: how long a purchase repeats by itself, and how long one request may take. */
export const purchaseBudget = 30_000;
const requestLimit = 10_000;

const random = (low, high) => low + Math.random() * (high - low);
const monotonic = () => performance.now();

/** Milliseconds before attempt `attempt + 1`: what the server asked for, then full jitter, so that
 * those who were refused together do not return together. */
export const pauseAfter = (attempt, retryAfterSeconds = 0) =>
  retryAfterSeconds * 1000 + random(0, Math.min(4000, 200 * 2 ** attempt));

const sleep = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", end), resolve()), milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });

/** A key that nobody guesses; `randomUUID` is there in secure contexts only. */
export const makeKey = (source = globalThis.crypto) =>
  source.randomUUID?.() ??
  Array.from(source.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A refusal, or no answer (`status` 0, `code` `outcome_unknown`). */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail ?? body.title ?? `status ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? (status === 429 ? "rate_limited" : status === 401 ? "unauthenticated" : "unknown");
    if ((status >= 500 || status === 408) && !body.code) this.code = "outcome_unknown";
    this.body = body;
    /** Seconds. */
    this.retryAfter = retryAfter;
  }
}

const outcomeUnknown = (problem) =>
  new Problem(0, { code: "outcome_unknown", detail: String(problem) });

/** A name for whom a JWT is about, the same for each token of his; "" for what is no JWT. */
const buyerOf = (token) => {
  try {
    const { sub } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return sub ?? "";
  } catch {
    return "";
  }
};

// Tells buyers apart in names of places, without writing down who they are (64 bits of FNV-1a).
const hash = (text) => {
  let sum = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n);
  }
  return sum.toString(36);
};

/**
 * The server's time by round trips. Of all samples the one of the least round trip counts: the
 * server's clock was read somewhere within it, so its half is a bound of the error. Stands on the
 * monotonic clock; what the machine thinks the time is does not matter.
 */
export class ServerClock {
  // How fast a crystal may stray from the server's, so that an old sample does not count for ever.
  static #drift = 1e-4;
  #ask;
  #best;
  #wall;
  // Which start is under way; an earlier one ends.
  #run = 0;
  #isNearDone = false;
  #timer;

  /** @param ask () => Promise of the server's time in milliseconds, resolved at once. */
  constructor(ask) {
    this.#ask = ask;
    /** Milliseconds of the server at which a crowd comes: nobody asks then. */
    this.busyAt = undefined;
    this.onChange = () => {};
  }

  get isKnown() {
    return this.#best !== undefined;
  }

  /** Milliseconds by which `now()` may be wrong. */
  get bound() {
    return this.#best ? this.#boundOf(this.#best) : Infinity;
  }

  /** Milliseconds since 1970 by the server's clock; `NaN` while it is unknown. */
  now() {
    return this.#best ? this.#best.offset + monotonic() : NaN;
  }

  #boundOf(sample) {
    return sample.roundTrip / 2 + 1 + (monotonic() - sample.at) * ServerClock.#drift;
  }

  async sample() {
    const asked = monotonic();
    const { at, time } = await this.#ask();
    const sample = { roundTrip: at - asked, offset: time - (asked + at) / 2, at };
    this.#forgetAfterSleep();
    if (!this.#best || this.#boundOf(sample) <= this.#boundOf(this.#best)) this.#best = sample;
    this.onChange();
  }

  // Some monotonic clocks stand still while the machine sleeps: then what was measured is void.
  #forgetAfterSleep() {
    const wall = Date.now() - monotonic();
    if (Math.abs(wall - (this.#wall ?? wall)) > 250) this.#best = undefined;
    this.#wall = wall;
  }

  /** Five samples now, then one a minute, and one in the minute before the crowd comes. */
  async start() {
    const run = (this.#run += 1);
    clearTimeout(this.#timer);
    this.#forgetAfterSleep();
    let failures = 0;
    for (let count = 0; count < 5 && run === this.#run; ) {
      try {
        await this.sample();
        count += 1;
      } catch {
        failures += 1;
        if (failures > 5 && this.isKnown) break;
      }
      await sleep(random(200, 400) * 2 ** Math.min(failures, 5));
    }
    if (run === this.#run) this.#plan();
  }

  stop() {
    this.#run += 1;
    clearTimeout(this.#timer);
  }

  #plan() {
    const run = this.#run;
    this.#timer = setTimeout(async () => {
      await this.sample().catch(() => {});
      if (run === this.#run) this.#plan();
    }, this.#nextPause());
  }

  #nextPause() {
    const usual = random(40_000, 80_000);
    const ahead = this.busyAt - this.now();
    if (!(ahead > 0)) return usual;
    if (ahead - usual > 60_000) return usual;
    if (ahead > 20_000 && !this.#isNearDone) {
      this.#isNearDone = true;
      return random(Math.max(0, ahead - 60_000), ahead - 20_000);
    }
    return ahead + random(5_000, 20_000);
  }
}

/** Server-sent events of a body, as they come. `onBytes` hears of every sign of life. */
async function* eventsOf(body, onBytes) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      text = (text + value).replaceAll("\r\n", "\n");
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
        const event = { data: "" };
        for (const line of text.slice(0, end).split("\n")) {
          const [, name, content] = /^(\w+): ?(.*)$/.exec(line) ?? [];
          if (name) event[name] = content;
        }
        yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** One sale, as it is now: by one stream per browser, and by asking where there is none. */
class SaleWatch {
  // Milliseconds for which a sign of life stands; the service gives one every 15 s.
  static #alive = 20_000;
  #client;
  #name;
  #told;
  #sale;
  #tag;
  #freshUntil = 0;
  #aliveAt = -Infinity;
  // Counts what came by the stream.
  #heard = 0;
  // Asks although the stream is alive.
  #isDue = false;
  #failures = 0;
  #isUnderWay = false;
  #timer;
  #ending = new AbortController();
  #wake = new AbortController();
  #channel;
  #isOffered = true;
  #isStreaming = false;
  // Of the stream's last event, while nothing but the stream has told of the sale since.
  #lastID;
  #link;

  constructor(client, name, told) {
    this.#client = client;
    this.#name = name;
    this.#told = told;
    const lock = `seckill:${client.base}`;
    const locks = globalThis.navigator?.locks;
    if (locks && globalThis.BroadcastChannel) {
      this.#channel = new BroadcastChannel(`${lock}:${name}`);
      this.#channel.onmessage = ({ data }) => {
        if (data.isOffered === false) this.#isOffered = false;
        else if (data.isAsking) this.#isStreaming && this.#channel.postMessage({ sale: this.#sale });
        else {
          const isNews = data.sale && !this.#isLate(data.sale);
          if (isNews) this.#heard += 1;
          this.#take(isNews ? data.sale : this.#sale, SaleWatch.#alive);
        }
      };
      this.#channel.postMessage({ isAsking: true });
      // Whoever has the lock holds the stream, for all pages of this browser that show the sale; those
      // of other sales ask. A browser has six connections to a service, and purchases need one.
      locks.request(lock, { signal: this.#ending.signal }, () => this.#stream()).catch(() => {});
    }
    this.#poll();
  }

  stop() {
    this.#ending.abort();
    this.#wake.abort();
    this.#channel?.close();
    clearTimeout(this.#timer);
  }

  /** To be called when the page comes back: nothing that was planned in its sleep is waited for. */
  refresh() {
    this.#isDue = true;
    // A page that was told of a lost line is told that it is well.
    this.#link = undefined;
    // A stream that is well stays.
    if (monotonic() - this.#aliveAt > SaleWatch.#alive) {
      this.#freshUntil = 0;
      this.#wake.abort();
    }
    this.#plan(random(0, 200));
  }

  // Overtaken by what is held. A server's clock that was set back by more is believed.
  #isLate(sale) {
    const age = Date.parse(this.#sale?.server_time) - Date.parse(sale?.server_time);
    return age > 0 && age < 2 * requestLimit;
  }

  #take(sale, freshFor) {
    if (freshFor) this.#freshUntil = monotonic() + freshFor;
    const isNew = sale !== this.#sale;
    this.#sale = sale;
    this.#tell(monotonic() < this.#freshUntil ? "live" : "polling");
    if (isNew) this.#told.onSale?.(sale);
    else this.#told.onConfirm?.();
  }

  #tell(link) {
    if (link !== this.#link) this.#told.onLink?.((this.#link = link));
  }

  // MARK: Asking

  #plan(pause) {
    clearTimeout(this.#timer);
    if (!this.#ending.signal.aborted) this.#timer = setTimeout(() => this.#poll(), pause);
  }

  #pause() {
    const { clock } = this.#client;
    const isFar = this.#sale?.state === "not_started" && Date.parse(this.#sale.opens_at) - clock.now() > 120_000;
    return globalThis.document?.hidden || isFar ? random(5_000, 15_000) : random(1_000, 3_000);
  }

  async #poll() {
    const rest = this.#freshUntil - monotonic();
    // Without a line nothing that a stream may still tell stands for long.
    const isCut = globalThis.navigator?.onLine === false;
    if (rest > 0 && this.#sale && !this.#isDue && !isCut) return this.#plan(rest + random(0, 1_000));
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    this.#isDue = false;
    const heard = this.#heard;
    let pause;
    try {
      const headers = this.#tag && this.#sale ? { "If-None-Match": this.#tag } : {};
      const answer = await this.#client.request(`/v1/sales/${this.#name}`, { headers });
      this.#failures = 0;
      if (answer.status === 304) this.#take(this.#sale);
      else {
        const sale = await answer.json();
        if (heard === this.#heard && !this.#isLate(sale)) {
          this.#tag = answer.headers.get("ETag");
          this.#lastID = undefined;
          this.#take(sale);
        }
      }
      pause = this.#pause();
    } catch (problem) {
      this.#failures += 1;
      if (problem.status === 404) this.#take(null);
      else if (problem.code === "outcome_unknown") {
        this.#tell("offline");
        // What was on its way in the stream says nothing of the line as it is now.
        this.#isDue = true;
      }
      pause = this.#pause() + pauseAfter(Math.min(this.#failures, 6), problem.retryAfter);
    }
    this.#isUnderWay = false;
    this.#plan(pause);
  }

  // MARK: The stream

  async #stream() {
    let failures = 0;
    while (this.#isOffered && !this.#ending.signal.aborted) {
      this.#wake = new AbortController();
      let pause = 0;
      try {
        const answer = await this.#open();
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
          this.#isOffered = false;
          return this.#channel.postMessage({ isOffered: false });
        }
        if (answer.status === 200) {
          failures = 0;
          this.#isStreaming = true;
          let stall;
          const alive = () => {
            clearTimeout(stall);
            stall = setTimeout(() => this.#wake.abort(), 2 * SaleWatch.#alive);
            this.#aliveAt = monotonic();
            this.#take(this.#sale, SaleWatch.#alive);
            this.#channel.postMessage({});
          };
          pause = random(1_500, 4_500);
          try {
            for await (const event of eventsOf(answer.body, alive)) {
              if (event.retry) pause = Number(event.retry);
              if (event.id) this.#lastID = event.id;
              if (event.event === "bye") pause = JSON.parse(event.data).retry_ms;
              else if (event.data) this.#hear(event.event, JSON.parse(event.data));
            }
          } finally {
            clearTimeout(stall);
          }
        } else {
          failures += 1;
          pause = pauseAfter(failures + 2, Number(answer.headers.get("Retry-After")) || 1);
        }
      } catch {
        failures += 1;
        pause ||= 500 + pauseAfter(failures + 2);
      }
      this.#isStreaming = false;
      this.#freshUntil = 0;
      if (this.#ending.signal.aborted) return;
      this.#plan(random(0, 500));
      // Those who were woken together do not return together.
      await sleep(pause, this.#wake.signal)
        .catch(() => sleep(random(0, 1_000), this.#ending.signal))
        .catch(() => {});
    }
  }

  #open() {
    const headers = { Accept: "text/event-stream" };
    // Other origins would have to ask whether they may send it.
    if (this.#lastID && !this.#client.base) headers["Last-Event-ID"] = this.#lastID;
    const signal = AbortSignal.any
      ? AbortSignal.any([this.#ending.signal, this.#wake.signal]) : this.#wake.signal;
    return this.#client.fetch(`${this.#client.base}/v1/sales/${this.#name}/events`, { headers, signal, cache: "no-store" });
  }

  #hear(type, data) {
    let sale = data;
    if (type === "stock") {
      if (!this.#sale) return;
      const { available, ...rest } = data;
      sale = { ...this.#sale, ...rest };
      sale.items = sale.items.map((item) => (item.sku in available ? { ...item, available: available[item.sku] } : item));
    }
    this.#tag = undefined;
    this.#heard += 1;
    this.#take(sale, SaleWatch.#alive);
    this.#channel.postMessage({ sale });
  }
}

/** What is kept between page loads, or where that is forbidden, as long as the page lives. */
class Memory {
  #map = new Map();
  getItem(name) {
    return this.#map.get(name) ?? null;
  }
  setItem(name, text) {
    this.#map.set(name, text);
  }
  removeItem(name) {
    this.#map.delete(name);
  }
}

const standardStorage = () => {
  try {
    const storage = globalThis.localStorage;
    storage.setItem("seckill:probe", "1");
    storage.removeItem("seckill:probe");
    return storage;
  } catch {
    return new Memory();
  }
};

export class Seckill {
  // By the last token.
  #subject = "";

  /**
   * @param base where the service is: `""` under this page's own origin, `"/api/seckill"`, or
   *   `"https://sales.example"`.
   * @param token async ({ isRefused }) => the buyer's token, or null where a gateway adds it;
   *   called again with `isRefused` when the service did not take the last one.
   * @param storage keeps keys: anything with `getItem`, `setItem` and `removeItem`.
   * @param buyer who buys, where tokens are no JWT: buyers who share a browser share no key.
   * @param onBuyer called when a token is another buyer's than the one before.
   */
  constructor({ base = "", token = async () => null, storage = standardStorage(), buyer, onBuyer = () => {}, fetch } = {}) {
    this.buyer = buyer;
    this.onBuyer = onBuyer;
    this.base = base;
    this.token = token;
    this.storage = storage;
    this.fetch = fetch ?? ((...asked) => globalThis.fetch(...asked));
    this.clock = new ServerClock(async () => {
      const answer = await this.request("/v1/time");
      const at = monotonic();
      return { at, time: Date.parse((await answer.json()).server_time) };
    });
  }

  // MARK: Reading

  /** Tells `onSale(sale | null)`, `onConfirm()` and `onLink("live" | "polling" | "offline")`. */
  watch(sale, told) {
    return new SaleWatch(this, sale, told);
  }

  async sale(sale) {
    return (await this.request(`/v1/sales/${sale}`)).json();
  }

  async orders({ limit = 50, cursor } = {}) {
    const query = new URLSearchParams({ limit, ...(cursor && { cursor }) });
    return (await this.#personal(`/v1/orders?${query}`)).json();
  }

  /** @param wait seconds to wait, 25 at most, while the order is merely reserved. */
  async order(id, { wait = 0, signal } = {}) {
    const headers = wait ? { Prefer: `wait=${wait}` } : {};
    const answer = await this.#personal(`/v1/orders/${id}`, { headers, signal, limit: requestLimit + wait * 1000 });
    const order = await answer.json();
    // Too many wait already.
    if (wait && order.state === "reserved" && !answer.headers.has("Preference-Applied")) await sleep(random(1000, 2000), signal);
    return order;
  }

  async cancel(id) {
    return (await this.#personal(`/v1/orders/${id}/cancel`, { method: "POST" })).json();
  }

  /** The order when it is no longer merely reserved, however long that takes. */
  async decided(id, { signal } = {}) {
    for (let failures = 0; ; ) {
      try {
        const order = await this.order(id, { wait: 20, signal });
        failures = 0;
        if (order.state !== "reserved") return order;
      } catch (problem) {
        if (signal?.aborted || problem.code === "unknown_order" || problem.code === "unauthenticated") throw problem;
        failures += 1;
        await sleep(500 + pauseAfter(failures, problem.retryAfter), signal);
      }
    }
  }

  // MARK: Buying

  #place(sale, sku, quantity) {
    const buyer = this.buyer ?? this.#subject;
    return `seckill:${this.base}:${sale}:${sku}:${quantity}${buyer && `:${hash(buyer)}`}`;
  }

  /** What is left of an earlier purchase whose outcome this browser has not heard: `{ key }`, or
   * `{ order }` when it has only to be confirmed. Whose it is, the last token or `buyer` says. */
  pending(sale, sku, quantity = 1) {
    try {
      return JSON.parse(this.storage.getItem(this.#place(sale, sku, quantity)));
    } catch {
      return null;
    }
  }

  forget(sale, sku, quantity = 1) {
    this.storage.removeItem(this.#place(sale, sku, quantity));
  }

  /**
   * Buys, and never twice: the key is kept before anything is sent, and stays until the outcome is
   * known, over page loads, too. Repeats by itself for half a minute, but for nobody else than who
   * asked for it: another buyer's token ends it as `signed_out`, and the key stays.
   *
   * @param known orders that the buyer knows of: an answer that repeats one of them, under a key
   *   that is left of an earlier purchase, is not what is asked for, and a new purchase follows.
   * @param onChange told `{ state: "sending", attempt }`, `{ state: "retrying", attempt, until }`
   *   (`until` by `performance.now()`) and `{ state: "held", order }`.
   * @returns `{ state, order?, problem? }`, where `state` is `won`, `sold_out`, `limit`, `paused`,
   *   `closed`, `signed_out`, `unknown`, or `retrying` when half a minute was not enough: then
   *   the same call goes on under the same key.
   */
  async buy({ sale, sku, quantity = 1, known = [] }, { onChange = () => {}, signal } = {}) {
    let place, key;
    const renew = () => this.storage.setItem(place, JSON.stringify({ key: (key = makeKey()) }));
    const deadline = monotonic() + purchaseBudget;
    for (let attempt = 1; ; attempt += 1) {
      onChange({ state: "sending", attempt });
      try {
        if (!key) {
          // Whose key it is has to be known first.
          await this.#bearer(false);
          place = this.#place(sale, sku, quantity);
          const left = this.pending(sale, sku, quantity);
          if (left?.order && !known.includes(left.order)) {
            const told = await this.#conclude(place, { id: left.order }, onChange, signal)
              .catch((problem) => {
                // Another buyer's, or gone: nothing that this purchase could repeat.
                if (problem.code !== "unknown_order") throw problem;
              });
            if (told) return told;
          }
          if (left?.key) key = left.key;
          else renew();
        }
        const answer = await this.#personal(`/v1/sales/${sale}/orders`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": key },
          body: JSON.stringify({ sku, quantity }),
          isStill: () => place === this.#place(sale, sku, quantity),
          signal,
        });
        const told = await this.#settle(place, answer, known, onChange, signal);
        if (told) return told;
        renew();
      } catch (thrown) {
        if (signal?.aborted) throw thrown;
        // What is not a refusal says nothing about the order.
        const problem = thrown instanceof Problem ? thrown : outcomeUnknown(thrown);
        let rule = rules[problem.code] ?? (problem.status >= 500 ? "again" : "unknown");
        if (rule === "limit" && (await this.#isOver(problem.body.order_id))) {
          // The stock has not heard yet that the order has ended. This key stands for a refusal.
          renew();
          rule = "wait";
        }
        if (rule !== "wait" && rule !== "again") {
          // A token or a pause changes nothing about what the key stands for, nor does a refusal
          // without a code: some gateway's, after an answer that may have been lost.
          const isKept = rule === "signed_out" || rule === "paused" || !problem.body.code;
          if (!isKept) this.storage.removeItem(place);
          return { state: rule, problem };
        }
        const pause = pauseAfter(attempt, rule === "wait" ? (problem.retryAfter ?? 1) : 0);
        const until = monotonic() + pause;
        if (until > deadline) return { state: "retrying", problem };
        onChange({ state: "retrying", attempt, until, problem });
        await sleep(pause, signal);
      }
    }
  }

  async #isOver(order) {
    const { state } = await this.order(order).catch(() => ({}));
    return state === "cancelled" || state === "expired";
  }

  async #settle(place, answer, known, onChange, signal) {
    const order = await answer.json();
    // A repetition hears the first answer, however old.
    const isOld = answer.headers.get("Idempotency-Replayed") === "true";
    if (isOld && known.includes(order.id)) return;
    if (isOld || order.state === "reserved") return this.#conclude(place, order, onChange, signal);
    this.storage.removeItem(place);
    return { state: this.stateOf(order), order };
  }

  async #conclude(place, held, onChange, signal) {
    this.storage.setItem(place, JSON.stringify({ order: held.id }));
    onChange({ state: "held", order: held });
    const order = await this.decided(held.id, { signal });
    this.storage.removeItem(place);
    return { state: this.stateOf(order), order };
  }

  /** Where an order leaves its buyer. */
  stateOf(order) {
    const states = { reserved: "held", awaiting_payment: "won", paid: "won", rejected: "sold_out" };
    return states[order.state] ?? "ready";
  }

  // MARK: Asking

  /** @throws Problem for every status but 2xx and 304, and when there is no answer. */
  async request(path, { headers = {}, signal, limit = requestLimit, ...rest } = {}) {
    const ending = new AbortController();
    const end = () => ending.abort(signal?.reason);
    const timer = setTimeout(end, limit);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
    try {
      const answer = await this.fetch(this.base + path, { headers, signal: ending.signal, cache: "no-store", ...rest });
      if (answer.status === 304) return answer;
      // Read here: a body may break off or stall as a head may.
      if (answer.ok) return new Response((await answer.text()) || null, answer);
      const body = await answer.json().catch(() => ({}));
      throw new Problem(answer.status, body, Number(answer.headers.get("Retry-After")) || undefined);
    } catch (problem) {
      if (problem instanceof Problem) throw problem;
      throw outcomeUnknown(problem);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }

  // A token that could not be had is not a refusal: it is asked for again.
  async #bearer(isRefused) {
    try {
      const token = await this.token({ isRefused });
      if (token) this.#meet(buyerOf(token));
      return token;
    } catch (problem) {
      throw outcomeUnknown(problem);
    }
  }

  #meet(subject) {
    const before = this.#subject;
    this.#subject = subject;
    if (before && before !== subject) this.onBuyer();
  }

  async #personal(path, { headers = {}, isStill = () => true, ...rest } = {}) {
    const ask = async (token) =>
      this.request(path, { headers: token ? { ...headers, Authorization: `Bearer ${token}` } : headers, ...rest });
    const token = await this.#bearer(false);
    if (!isStill()) throw new Problem(0, { code: "unauthenticated", detail: "Another buyer has signed in." });
    try {
      return await ask(token);
    } catch (problem) {
      if (problem.code !== "unauthenticated") throw problem;
      const other = await this.#bearer(true);
      if (!other || other === token || !isStill()) throw problem;
      return ask(other);
    }
  }
}
