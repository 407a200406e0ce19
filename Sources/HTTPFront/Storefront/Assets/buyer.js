// Who buys: whom the shop says (`window.seckill`), whom a gateway signs in, or, under `seckill up`,
// somebody made up.
import { Seckill } from "./seckill.js";

const given = globalThis.seckill ?? {};
const place = "seckill:token";

/** Whether tokens and payments are made up here. */
export const isDemo = !given.token && "demo" in document.documentElement.dataset;

const keep = (token) => {
  try {
    if (token) localStorage.setItem(place, token);
    else localStorage.removeItem(place);
  } catch {
    // Forbidden: somebody else at the next page, then.
  }
  return token;
};

const kept = () => {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;
  }
};

let token = isDemo ? kept() : null;
let making;

const make = () =>
  (making ??= client
    .request("/demo/token", { method: "POST" })
    .then((answer) => answer.json())
    .then((made) => (token = keep(made.token)))
    .finally(() => (making = undefined)));

export const client = new Seckill({
  token:
    given.token ??
    (async ({ isRefused }) => {
      // A made-up buyer whose token is refused has to say that he wants to be another one.
      if (!isDemo || isRefused) return null;
      return token ?? make();
    }),
});

/** Calls when somebody else buys: by the shop's word, by another tab, or by a token that says so. */
export function onBuyer(act) {
  client.onBuyer = act;
  addEventListener("seckill:buyer", act);
  addEventListener("storage", ({ key, newValue }) => {
    if (!isDemo || (key !== place && key !== null)) return;
    token = newValue;
    act();
  });
}

/** The made-up buyer's name. */
export function buyerName() {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub;
  } catch {
    return "";
  }
}

/** Whether there is something to press for it. */
export const canSignIn = isDemo || Boolean(given.signIn);

export async function signIn() {
  if (given.signIn) return given.signIn();
  await make();
}

/** Where the shop takes the payment of an order; null where it has not said so. */
export const payURL = (order) => given.payURL?.(order) ?? null;

/** Plays the payment provider. */
export async function payDemo(order) {
  const headers = { Authorization: `Bearer ${token}` };
  return (await client.request(`/demo/orders/${order.id}/pay`, { method: "POST", headers })).json();
}
