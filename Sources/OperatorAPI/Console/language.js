// The way to the other language, at the same place.

import { h } from "./dom.js";
import { language, t } from "./words.js";

export function languageLink() {
    const other = language === "zh" ? "en" : "zh";
    const link = h("a", { className: "language", "data-action": "language", lang: other === "zh" ? "zh-CN" : "en" }, t("otherLanguage"));
    const lead = () => {
        const search = new URLSearchParams(location.search);
        search.set("lang", other);
        link.href = `?${search}${location.hash}`;
    };
    lead();
    // The page may have been turned since.
    for (const event of ["pointerdown", "focus", "click"]) link.addEventListener(event, lead);
    return link;
}
