// What the differences of counters say. Pure: frames in, numbers out.

/** Groups of outcomes, in the order in which they are stacked, and what the service calls them. */
export const outcomeGroups = [
    ["committed", "s2", ["committed"]],
    ["reserved", "s1", ["reserved"]],
    ["replayed", "s5", ["replayed"]],
    ["sold_out", "s0", ["sold_out"]],
    ["limit", "s9", ["limit_reached"]],
    ["not_open", "s7", ["not_started", "paused", "closed"]],
    ["rate_limited", "s3", ["rate_limited"]],
    ["shed", "s8", ["overloaded"]],
    ["recovering", "s4", ["recovering", "draining", "idempotency_in_progress"]],
    ["errors", "s6", null],
];
const named = new Set(outcomeGroups.flatMap(([, , names]) => names ?? []));

/** How much a group counted in all. */
export function countOf(outcomes, names) {
    if (names) return names.reduce((sum, name) => sum + (outcomes?.[name] ?? 0), 0);
    return Object.entries(outcomes ?? {}).reduce((sum, [name, count]) => (named.has(name) ? sum : sum + count), 0);
}

/** A counter that went back belongs to processes that began anew: nothing says how much that was. */
const grown = (from, to) => Math.max(0, to - from);

/** Every process began anew between two frames, so that all that the later one counts happened since. */
const isAnotherFleet = (from, to) => from.nodes.length > 0 && to.nodes.length > 0
    && !to.nodes.some((node) => from.nodes.some((other) => other.id === node.id));

/** A frame without nodes has the totals of before, or none: then nothing says what came since. */
const hasTotals = (frame) => frame.nodes.length > 0 || Object.values(frame.totals.outcomes ?? {}).some((count) => count > 0);

/** What each of several counters gained between two frames. */
function gains(from, to, read) {
    const [earlier, later] = [isAnotherFleet(from, to) ? [] : read(from), read(to)];
    if (!hasTotals(from)) return later.map(() => 0);
    return later.map((count, index) => grown(earlier[index] ?? 0, count));
}
const gain = (from, to, read) => gains(from, to, (frame) => [read(frame) ?? 0])[0];

/** The frame that is `seconds` older than the last one, or the oldest. */
export function frameBefore(frames, seconds, index = frames.length - 1) {
    const wanted = frames[index]?.time - seconds * 1000 - 400;
    let before = index;
    while (before > 0 && frames[before - 1].time >= wanted) before--;
    return frames[before];
}

/** Per second over the last `seconds`; null while there is only one frame. */
export function rateOf(frames, read, seconds = 5, index = frames.length - 1) {
    const to = frames[index];
    const from = to && frameBefore(frames, seconds, index);
    if (!to || from === to) return null;
    return gain(from, to, read) / ((to.time - from.time) / 1000);
}

/** `[time, rate]` from frame to frame. */
export function rateSeries(frames, read) {
    const points = [];
    for (let index = 1; index < frames.length; index++) {
        const [from, to] = [frames[index - 1], frames[index]];
        const rate = gain(from, to, read) / ((to.time - from.time) / 1000);
        // Nobody looked meanwhile, but the counters went on: what they gained is drawn level over all of it.
        if (isAfterGap(frames, index)) points.push([from.time + 1, rate]);
        points.push([to.time, rate]);
    }
    return points;
}

export function valueSeries(frames, read) {
    return frames.flatMap((frame, index) => {
        const point = [frame.time, read(frame) ?? null];
        return isAfterGap(frames, index) ? [[frame.time - 1, null], point] : [point];
    });
}

/** Frames that are further apart have others between them, which nobody saw. */
const gapSeconds = 5;
export const isAfterGap = (frames, index) => index > 0 && frames[index].time - frames[index - 1].time > gapSeconds * 1000;

/** Seconds at the upper end of each bucket, as the service counts them. */
export const bucketBounds = [
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

const sum = (lists) => {
    const total = new Array(bucketBounds.length + 1).fill(0);
    for (const list of lists) list?.forEach((count, index) => { total[index] += count; });
    return total;
};

/** What each bucket gained between two frames, all outcomes together. */
export const bucketGains = (from, to) => gains(from, to, (frame) => sum(Object.values(frame.totals.duration_buckets ?? {})));

export const commitGains = (from, to) => gains(from, to, (frame) => sum([frame.totals.commit_duration_buckets]));

/** Within its bucket a quantile is taken to lie in proportion; null when nothing was counted. */
export function quantile(gains, share) {
    const total = gains.reduce((a, b) => a + b, 0);
    if (!total) return null;
    let below = 0;
    for (let index = 0; index < gains.length; index++) {
        if (gains[index] && below + gains[index] >= total * share) {
            if (index >= bucketBounds.length) return Infinity;
            const low = index ? bucketBounds[index - 1] : 0;
            return low + ((total * share - below) / gains[index]) * (bucketBounds[index] - low);
        }
        below += gains[index];
    }
    return null;
}

/** p50 and p99 of the last `seconds`. */
export function latency(frames, seconds = 10) {
    const to = frames[frames.length - 1];
    const from = to && frameBefore(frames, seconds);
    if (!to || from === to) return { p50: null, p99: null };
    const gains = bucketGains(from, to);
    return { p50: quantile(gains, 0.5), p99: quantile(gains, 0.99) };
}

/** An item of a sale in a frame. */
export const itemIn = (frame, sale, sku) => frame.sales?.find((one) => one.sale === sale)?.items?.find((item) => item.sku === sku);
export const saleIn = (frame, sale) => frame.sales?.find((one) => one.sale === sale);

/** Fewer sales than these say nothing of when the rest will be gone. */
export const pacedSalesMin = 5;

/**
 * Units sold in the last 30 s less those given back, how many that is a second, and the seconds that the rest lasts at that.
 * What is committed is counted, and never what is left: that an operator edits, too.
 */
export function burn(frames, sale, sku, seconds = 30) {
    const to = frames[frames.length - 1];
    const from = to && frameBefore(frames, seconds);
    const [later, earlier] = [to && itemIn(to, sale, sku), from && itemIn(from, sale, sku)];
    if (!later || !earlier || from === to) return { sold: 0, rate: null, secondsLeft: null };
    const sold = Math.max(0, later.committed - earlier.committed);
    const rate = sold / ((to.time - from.time) / 1000);
    return { sold, rate, secondsLeft: sold >= pacedSalesMin && later.available !== null ? later.available / rate : null };
}

/** When a sale began not to be proven, as far back as the frames go; null where it is. */
export function unprovenSince(frames, sale) {
    let since = null;
    for (let index = frames.length - 1; index >= 0; index--) {
        const fence = saleIn(frames[index], sale)?.fence;
        if (fence === "proven") return since;
        if (fence) since = frames[index].time;
    }
    return since;
}

/** Unit-seconds that units of a sale were on no shelf and in no live order. Of two frames the lesser number counts: most units only pass through. */
export function stranded(frames, sale) {
    const inFlight = (frame) => saleIn(frame, sale)?.items.reduce((units, item) => units + (item.in_flight ?? 0), 0) ?? 0;
    let [sum, before] = [0, 0];
    frames.forEach((frame, index) => {
        const now = inFlight(frame);
        if (index && !isAfterGap(frames, index)) sum += Math.min(before, now) * (frame.time - frames[index - 1].time) / 1000;
        before = now;
    });
    return sum;
}

/** Of all nodes together. */
export const fleetSum = (frame, name) => frame.nodes.reduce((total, node) => total + (node[name] ?? 0), 0);
export const fleetMax = (frame, name) => frame.nodes.reduce((most, node) => Math.max(most, node[name] ?? 0), 0);
export const isServing = (node) => node.ready && !node.draining;

/** What a store said longer ago is old; nobody knows what has changed since. */
export const oldMilliseconds = 5000;

const hasItems = (frame) => frame.sales.some((sale) => sale.items.length > 0);
const storeSilences = [
    // The node that makes a frame is in it itself, as long as Redis takes what it says.
    ["Redis", (frame) => frame.nodes.length === 0],
    ["Postgres", (frame) => hasItems(frame) && (frame.units_age_ms === null || frame.units_age_ms > oldMilliseconds)],
];

/** Stores that did not answer for two frames; null without items, as Postgres was not asked. */
export function silentStores(frames) {
    const last = frames.slice(-2);
    const silent = last.length < 2 ? [] : storeSilences.filter(([, isSilent]) => last.every(isSilent)).map(([name]) => name);
    return silent.length || hasItems(last[last.length - 1]) ? silent : null;
}
