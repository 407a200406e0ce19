// Starts the page that the service has sent.
import { lang, t } from "./dom.js";

const view = document.documentElement.dataset.view;

for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);

const other = document.querySelector("[data-action=language]");
const query = new URLSearchParams(location.search);
query.set("lang", lang === "zh" ? "en" : "zh");
other.href = `?${query}`;
other.lang = lang === "zh" ? "en" : "zh-CN";

const pages = {
  sales: async () => new (await import("./sales.js")).SalesPage(),
  sale: async () => new (await import("./sale.js")).SalePage(),
  orders: async () => new (await import("./orders.js")).OrdersPage(),
  order: async () => new (await import("./orders.js")).OrderPage(),
};
if (pages[view]) (await pages[view]()).start();
