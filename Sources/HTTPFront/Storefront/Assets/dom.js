// Elements, texts and figures. Nothing is ever parsed as markup.

/** An element: attributes that are functions listen, `null` and `false` are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Changes a text only when it is another: nothing that is at rest is laid out again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function mark(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

const appearances = new WeakMap();
let place = [0, 0];

/** What comes under a finger that was pressing something else: it takes no press for half a second. */
export function appear(element) {
  appearances.set(element, performance.now());
  return element;
}

function isMeantForAnother({ target, detail, clientX, clientY }) {
  const isThere = detail > 0 && Math.hypot(clientX - place[0], clientY - place[1]) < 16;
  if (detail > 0) place = [clientX, clientY];
  const since = appearances.get(target.closest?.("a, button"));
  return isThere && performance.now() - since < 500;
}

const end = (event) => (event.preventDefault(), event.stopPropagation());
addEventListener("click", (event) => isMeantForAnother(event) && end(event), true);
// A key that is held down presses once.
addEventListener("keydown", (event) => event.repeat && event.key === "Enter" && end(event), true);

const known = ["zh", "en"];
const asked = known.find((one) => one === new URLSearchParams(location.search).get("lang"));

// What was asked for last holds for addresses that do not say it.
function chosen() {
  try {
    if (asked) localStorage.setItem("seckill:lang", asked);
    return localStorage.getItem("seckill:lang");
  } catch {
    return asked;
  }
}

const choice = chosen();

export const lang =
  known.find((one) => one === choice) ??
  (navigator.languages ?? []).map((one) => one.slice(0, 2)).find((one) => known.includes(one)) ??
  "en";

document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";

const texts = (await import(`./${lang}.js`)).default;

/** The text of a key, with `{name}` filled in. */
export const t = (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A link that keeps the language that was asked for. */
export const link = (path) => (asked ? `${path}?lang=${asked}` : path);

const locale = document.documentElement.lang;
const numbers = new Intl.NumberFormat(locale);
const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

export const number = (value) => numbers.format(value);
export const date = (text) => dates.format(new Date(text));

const times = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
export const time = (instant) => times.format(new Date(instant));

// Digits behind the separator as the service counts them, by ISO 4217: browsers go by custom, which
// has none for a rupiah. Whatever is not here has two.
const digits = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

/** Money comes in the currency's smallest unit. */
export function money(minor, currency) {
  const count = Number(Object.keys(digits).find((one) => digits[one].includes(currency)) ?? 2);
  const options = { style: "currency", currency, minimumFractionDigits: count, maximumFractionDigits: count };
  return new Intl.NumberFormat(locale, options).format(minor / 10 ** count);
}

const two = (value) => String(value).padStart(2, "0");

/** `00:00:07`, and days before it where there are any. Begun seconds count: zero is the end. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86_400);
  const clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map((part) => two(Math.floor(part))).join(":");
  return days ? `${t("days", { n: days })} ${clock}` : clock;
}
