// Sales by their titles, for whoever filters by one.

import { get } from "./api.js";
import { h } from "./dom.js";

/** All sales, the latest first; none when they cannot be read, so that a filter still works by name. */
export async function allSales() {
    try {
        const { sales } = await get("/admin/v1/sales");
        return [...sales].sort((a, b) => b.opens_at.localeCompare(a.opens_at));
    } catch {
        return [];
    }
}

/** What is called how: titles of sales and items, and names where there is no title. */
export function titlesOf(sales) {
    const known = new Map(sales.map((sale) => [sale.sale, sale]));
    return {
        sale: (name) => known.get(name)?.title ?? name,
        item: (name, sku) => known.get(name)?.items.find((item) => item.sku === sku)?.title ?? sku,
    };
}

/** @param chosen is offered although it is not, or not yet, among `sales`. */
export function salePicker(chosen, none, sales, attributes = {}) {
    const option = (value, text) => h("option", { value }, text);
    const select = h("select", { name: "sale", ...attributes }, option("", none), chosen ? option(chosen, chosen) : null);
    select.value = chosen;
    sales.then((all) => {
        const kept = select.value;
        const rest = kept && !all.some((sale) => sale.sale === kept) ? [option(kept, kept)] : [];
        select.replaceChildren(option("", none), ...rest, ...all.map((sale) => option(sale.sale, `${sale.title} (${sale.sale})`)));
        select.value = kept;
    });
    return select;
}
