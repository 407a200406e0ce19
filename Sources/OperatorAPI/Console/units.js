// Durations, paces and counts in the language of the page. What they look like is `format.js`'s.

import * as format from "./format.js";
import { language, t } from "./words.js";

/** The units that `format.js` writes, each in the page's language. */
const inWords = (text) => (text === null ? null : text.replace(/(\d) (y|d|h|min|s|ms)\b/g, (_, digit, unit) => `${digit} ${t(`unit_${unit}`)}`));

export const about = (secondsLeft) => inWords(format.about(secondsLeft));
export const span = (milliseconds) => inWords(format.span(milliseconds));
export const seconds = (value) => inWords(format.seconds(value));

const numbers = new Intl.NumberFormat(language);
export const count = (value) => numbers.format(value);

/** Sales are rare things: below one a second they are told by the minute. */
export function pace(perSecond) {
    if (perSecond === null || perSecond === undefined) return "–";
    if (perSecond > 0 && perSecond < 0.95) return `${Math.max(1, Math.round(perSecond * 60))} ${t("perMinute")}`;
    return `${format.rate(perSecond)} ${t("perSecond")}`;
}

/** A duration to the second: `1 h 30 min`. */
export function duration(milliseconds) {
    const all = Math.round(milliseconds / 1000);
    const parts = [[Math.floor(all / 86400), "d"], [Math.floor(all / 3600) % 24, "h"], [Math.floor(all / 60) % 60, "min"], [all % 60, "s"]];
    const shown = parts.filter(([value]) => value).map(([value, unit]) => `${value} ${t(`unit_${unit}`)}`);
    return shown.length ? shown.join(" ") : `${milliseconds} ${t("unit_ms")}`;
}

const unitMilliseconds = { ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000 };

/** A duration as the service writes it, such as `15m`. */
export function durationText(text) {
    const found = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
    if (!found.length) return text;
    return duration(found.reduce((sum, [, value, unit]) => sum + Number(value) * unitMilliseconds[unit], 0));
}

/** What somebody typed for a price, in minor units; null for what is none. A price may be written as the page shows it. */
export function typedPrice(text, currency) {
    const bare = text.trim().replace(/^(?:[A-Z]{1,3})?\p{Sc}?\s*/u, "");
    if (bare.includes(",") && !/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(bare)) return null;
    return format.minorUnits(bare.replaceAll(",", ""), currency);
}
