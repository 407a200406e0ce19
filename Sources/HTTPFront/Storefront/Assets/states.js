// What the button of an item may be, and how it comes to be that. Page, docs and tests share this
// table. Nothing in it leads to a purchase: only a click does.

/**
 * `look`: `grey` cannot be pressed, `lit` can, `busy` is at work, `held` waits for the confirmation,
 * `gone` has made room for what can be done with the order. `word` and `note` are keys of the texts.
 */
export const states = Object.freeze({
  loading: { look: "grey", word: "loading", note: "" },
  waiting: { look: "grey", word: "waiting", note: "" },
  ready: { look: "lit", word: "ready", note: "" },
  sending: { look: "busy", word: "sending", note: "noteSending" },
  retrying: { look: "busy", word: "retrying", note: "noteRetrying" },
  held: { look: "held", word: "held", note: "noteHeld" },
  won: { look: "gone", word: "won", note: "notePay" },
  sold_out: { look: "grey", word: "soldOut", note: "noteSoldOut" },
  limit: { look: "grey", word: "limit", note: "noteLimit" },
  paused: { look: "grey", word: "paused", note: "notePaused" },
  closed: { look: "grey", word: "closed", note: "noteClosed" },
  unknown: { look: "grey", word: "unknown", note: "noteUnknown" },
  signed_out: { look: "grey", word: "signedOut", note: "noteSignedOut" },
});

const live = new Set(["reserved", "awaiting_payment", "paid"]);

/**
 * The state of an item's button.
 *
 * @param item of the sale; undefined when the sale does not have it (any more).
 * @param orders the buyer's orders of this item.
 * @param attempt what a purchase under way, or given up for want of time, last said.
 * @param refusal the state that an answer led to, while it stands.
 * @param areOrdersAwaited whether `orders` may lack some, and will not for long.
 * @param now, bound of the server's clock.
 */
export function stateOf({ sale, item, orders = [], attempt, refusal, isSignedOut = false, areOrdersAwaited = false, now, bound }) {
  if (attempt) return attempt.state;
  if (orders.some((order) => order.state === "awaiting_payment")) return "won";
  if (orders.some((order) => order.state === "reserved")) return "held";
  if (sale === undefined || Number.isNaN(now)) return "loading";
  if (!sale || !item) return "unknown";
  const count = orders.reduce((sum, order) => sum + (live.has(order.state) ? order.quantity : 0), 0);
  if (count >= item.limit_per_user) return "limit";
  if (sale.state === "closed" || now >= Date.parse(sale.closes_at) + bound) return "closed";
  if (isSignedOut) return "signed_out";
  if (refusal) return refusal.state;
  if (sale.state === "paused") return "paused";
  // Not before the clock says so at its worst, or the service itself.
  if (sale.state === "not_started" && now < Date.parse(sale.opens_at) + bound) return "waiting";
  if (item.available <= 0) return "sold_out";
  // Whoever has as many as may be must not be led to buy once more.
  return areOrdersAwaited ? "loading" : "ready";
}
