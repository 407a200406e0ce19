// Units that are neither on the shelf nor in an order. Pure: frames in, a number out.

import { itemIn } from "./figures.js";

const looks = 3;

/**
 * The least of the last three frames. A frame reads two stores one after the other: an edit of the stock that only
 * one of them has been asked after stands in a frame or two, as if its units were under way.
 */
export function inTransit(frames, sale, sku) {
    const seen = frames.slice(-looks).map((frame) => itemIn(frame, sale, sku)?.in_flight).filter((units) => units !== null && units !== undefined);
    return seen.length ? Math.min(...seen) : null;
}
