// Numbers, times and money as people read them. Pure: the clock comes in as an argument.

/** A rate per second. */
export function rate(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (value === 0) return "0";
    return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

/** Seconds as ms or s, three digits at most. */
export function seconds(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (value === Infinity) return "> 30 s";
    if (value < 0.0095) return `${(value * 1000).toFixed(1)} ms`;
    if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
    return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} s`;
}

export function bytes(value) {
    if (value === null || value === undefined) return "–";
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
    return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const two = (value) => String(value).padStart(2, "0");

/** How long from here: `2 d 03:04:05`, or `03:04:05`. */
export function span(milliseconds) {
    const all = Math.max(0, Math.ceil(milliseconds / 1000));
    const days = Math.floor(all / 86400);
    const clock = `${two(Math.floor(all / 3600) % 24)}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
    if (days > 366) return `${Math.floor(days / 365)} y`;
    return days ? `${days} d ${clock}` : clock;
}

/** About how long, in one unit. */
export function about(secondsLeft) {
    if (secondsLeft === null || secondsLeft === undefined || !Number.isFinite(secondsLeft)) return null;
    if (secondsLeft < 90) return `${Math.max(1, Math.round(secondsLeft))} s`;
    if (secondsLeft < 5400) return `${Math.round(secondsLeft / 60)} min`;
    if (secondsLeft < 129600) return `${Math.round(secondsLeft / 3600)} h`;
    return `${Math.round(secondsLeft / 86400)} d`;
}

/** `2026-11-28 04:05:06` in UTC. */
export function utc(time, parts = "both") {
    const text = new Date(time).toISOString();
    if (parts === "clock") return text.slice(11, 19);
    return `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

/** The same in the zone of whoever looks. */
export function local(time, parts = "both") {
    const date = new Date(time);
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    return parts === "clock" ? clock : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

export const isUTC = () => new Date().getTimezoneOffset() === 0;

/** The value of `datetime-local` for a time, and back. */
export const toField = (time) => local(time).replace(" ", "T");
export const fromField = (text) => new Date(text).toISOString();

// Browsers go by custom, which has none for a rupiah; the service counts as ISO 4217 does.
const digits = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
};

/** Digits of a currency behind the separator; two where the list does not say otherwise. */
export const digitsOf = (currency) => Number(Object.keys(digits).find((count) => digits[count].includes(currency)) ?? 2);

/** Minor units of a currency, as `language` writes them. */
export function money(minor, currency, language) {
    const count = digitsOf(currency);
    const options = { style: "currency", currency, minimumFractionDigits: count, maximumFractionDigits: count };
    return new Intl.NumberFormat(language, options).format(minor / 10 ** count);
}

/** What somebody typed for a price, in minor units; null for what is no price. */
export function minorUnits(text, currency) {
    const digits = digitsOf(currency);
    const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text.trim());
    if (!match || (match[2] ?? "").length > digits) return null;
    return Number(match[1]) * 10 ** digits + Number((match[2] ?? "").padEnd(digits, "0") || 0);
}
