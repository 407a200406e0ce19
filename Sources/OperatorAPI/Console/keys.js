// What the keyboard does.

import { h } from "./dom.js";
import { t } from "./words.js";

export function showKeys() {
    const close = h("button", { type: "button", "data-action": "cancel", onclick: () => dialog.close() }, t("cancel"));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title", "data-dialog": "keys" }, h("h2", { id: "dialog-title" }, t("keys")),
        h("dl", { className: "pairs" }, [["/", "keySearch"], ["p", "keyPause"], ["?", "keyHelp"]].map(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(words))])),
        h("div", { className: "acts" }, close));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
}
