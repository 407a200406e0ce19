// Builds and changes elements. Text is only ever text: nothing here reads HTML.

/** An element with attributes (`on…` are listeners) and children (text or nodes; null is left out). */
export function h(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
        else if (name === "value") node.value = value;
        else node.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
}

/** Writes only what changed, so that a selection and a screen reader are left in peace. */
export function put(node, text) {
    const wanted = text === null || text === undefined ? "–" : String(text);
    if (node.dataset.shown === wanted) return;
    node.dataset.shown = wanted;
    node.textContent = wanted;
}

/** A whole number in groups of three; the gap is a margin, so that the text stays the plain number. */
export function putNumber(node, value) {
    const wanted = value === null || value === undefined || Number.isNaN(value) ? "–" : String(Math.round(value));
    if (node.dataset.shown === wanted) return;
    node.dataset.shown = wanted;
    node.replaceChildren(...groups(wanted));
}

export function groups(text) {
    if (!/^-?\d{4,}$/.test(text)) return [text];
    const parts = [];
    let end = text.length;
    while (end > 3 && text[end - 4] !== "-") {
        parts.unshift(h("span", { className: "group" }, text.slice(end - 3, end)));
        end -= 3;
    }
    return [text.slice(0, end), ...parts];
}

export function setAttribute(node, name, value) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
}

/** One child of `parent` per item, made once and kept while its key is there, in the items' order. */
export function keyed(parent, items, key, create, update) {
    const known = (parent.keyedRows ??= new Map());
    const wanted = new Set();
    items.forEach((item, index) => {
        const name = String(key(item));
        wanted.add(name);
        let row = known.get(name);
        if (!row) known.set(name, (row = create(item)));
        if (parent.children[index] !== row) parent.insertBefore(row, parent.children[index] ?? null);
        update?.(row, item);
    });
    for (const [name, row] of known) {
        if (wanted.has(name)) continue;
        row.remove();
        known.delete(name);
    }
}

/** The element inside `root` that shows `name`. */
export const field = (root, name) => root.querySelector(`[data-field="${name}"]`);
