// Where each number comes from, and which alert watches it.

import { h } from "./dom.js";
import { t, language } from "./words.js";

/** The mark beside a label that leads to the metric behind it. */
export const whence = (metric, label) => h("a", { className: "whence", href: `#/figures/${metric}`, title: t("whence"), "aria-label": `${label}: ${t("whence")}` }, "?");

const rows = [
    ["seckill_ready", ["NotReady", "NodeDown", "NodesFew"], "nodes that take purchases", "接受购买的节点"],
    ["seckill_redis_up", ["RedisDown"], "whether a Redis primary answers", "Redis 主库是否应答"],
    ["seckill_postgres_up", ["PostgresDown"], "whether a Postgres answers that takes writes", "可写的 Postgres 是否应答"],
    ["seckill_purchases_total", ["NothingConfirmed"], "purchases answered, by outcome", "按结果统计的购买应答"],
    ["seckill_purchase_duration_seconds", [], "time from a purchase's head to its answer", "从请求到应答的时间"],
    ["seckill_commit_duration_seconds", ["CommitsSlow", "CommitsFail"], "time of a transaction of orders", "订单事务的时间"],
    ["seckill_queue_orders", ["QueueFull"], "granted orders that wait for a writer", "等待落库的订单"],
    ["seckill_queue_age_seconds", ["QueueOld"], "age of the oldest of them", "其中最久的等待"],
    ["seckill_admitted_purchases", ["Shed"], "purchases between admission and verdict", "已放行尚无结果的购买"],
    ["seckill_requests_shed_total", ["Shed"], "requests refused to keep the service answering", "为保持服务而拒绝的请求"],
    ["seckill_streams_open", [], "live streams of stock", "实时库存流"],
    ["seckill_connections_open", ["DescriptorsRunOut"], "connections of buyers", "买家连接"],
    ["seckill_event_loop_lag_seconds", ["EventLoopLag"], "how late an event loop runs its tasks", "事件循环的延迟"],
    ["seckill_sales_unproven", ["SaleUnproven", "Rebuilds"], "sales whose stock is not known to agree in both stores", "两库库存尚未证实一致的活动"],
    ["seckill_stock_units", ["StockMissing"], "units by where they are", "按所在位置统计的库存"],
    ["seckill_webhook_lag_seconds", ["WebhookLag"], "age of the oldest event that waits for an endpoint", "等待端点的最久事件"],
];

export function figuresView(app, main, [chosen]) {
    main.append(h("h1", {}, t("figures")), h("p", {}, h("button", { type: "button", className: "quiet", "data-action": "back", onclick: () => history.back() }, `← ${t("goBack")}`)),
        h("p", { className: "muted" }, t("figuresText"), " ", h("a", { href: "/metrics" }, t("allMetrics"))),
        h("section", { className: "panel" }, h("div", { className: "scroll", "data-scrolls": true, tabindex: "0", role: "region", "aria-label": t("figures") }, h("table", {},
            h("thead", {}, h("tr", {}, ["metric", "meaning", "alert"].map((name) => h("th", { scope: "col" }, t(name))))),
            h("tbody", {}, rows.map(([metric, alerts, en, zh]) => h("tr", { "data-metric": metric, "aria-current": metric === chosen ? "true" : null },
                h("th", { scope: "row", className: "mono" }, metric), h("td", {}, language === "zh" ? zh : en), h("td", { className: "mono" }, alerts.join(", ") || "–"))))))));
    return {};
}
