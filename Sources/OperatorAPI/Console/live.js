// The live feed: one frame a second of counters, kept for 15 minutes. It is read by fetch and not by EventSource, which can bear
// no token and gives up for ever after one answer that is no 200.

import { headers, Refusal } from "./api.js";

const keptFrames = 900;
const historyMax = 600;
// Clocks and frames do not tick together; what is known already is left out.
const spareFrames = 3;
const silenceMilliseconds = 6000;
const waitMaxMilliseconds = 20000;

export class Live {
    /** Oldest first; each has `time` in milliseconds beside what the service said. */
    frames = [];
    /** `connecting`, `live`, `waiting` or `ended`. */
    state = "connecting";
    /** When the next attempt is made, while `waiting`. */
    retryAt = 0;
    /** The service knows the token no longer. */
    isRefused = false;
    /** When a frame came last, or the session began. */
    #heardAt = performance.now();
    #backListeners = new Set();
    #offset = 0;
    #controller = null;
    #isStopped = false;
    #listening = new AbortController();
    #wake = () => {};

    constructor() {
        // A sleeping timer must not keep somebody waiting who is back.
        const { signal } = this.#listening;
        const onShown = () => { if (!document.hidden) this.#wake(); };
        addEventListener("online", () => this.#wake(), { signal });
        document.addEventListener("visibilitychange", onShown, { signal });
    }

    /** How long nothing has been heard, in milliseconds. */
    get silence() { return performance.now() - this.#heardAt; }

    /** Tells when frames come again after a break; returns what takes the listener away. */
    whenBack(listener) {
        this.#backListeners.add(listener);
        return () => this.#backListeners.delete(listener);
    }

    get last() { return this.frames[this.frames.length - 1] ?? null; }

    stop() {
        this.#isStopped = true;
        // A listener would keep all frames of a session that is over.
        this.#listening.abort();
        this.#controller?.abort();
        this.#wake();
    }

    /** Reads until it is stopped; every break is followed by another attempt. */
    async run() {
        let failures = 0;
        while (!this.#isStopped) {
            let leastWait = 0;
            const began = performance.now();
            try {
                this.state = "connecting";
                await this.#read();
            } catch (error) {
                // What is refused to a session that is over concerns nobody.
                if (this.#isStopped) return this.#end(false);
                if (error instanceof Refusal && error.status === 401) return this.#end(true);
                leastWait = (error.retryAfterSeconds ?? 0) * 1000;
            }
            if (this.#isStopped) return;
            // A stream that went well for a while is no failure.
            failures = performance.now() - began > 10000 ? 1 : failures + 1;
            const wait = leastWait + Math.random() * Math.min(waitMaxMilliseconds, 1000 * 2 ** failures);
            this.state = "waiting";
            this.retryAt = Date.now() + wait;
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, wait);
                this.#wake = () => { clearTimeout(timer); resolve(); };
            });
        }
        this.#end(false);
    }

    #end(isRefused) {
        this.state = "ended";
        this.isRefused = isRefused;
    }

    async #read() {
        const controller = (this.#controller = new AbortController());
        let watchdog = 0;
        // Whatever arrives is a sign of life, also the comment that stands for a late frame.
        const hear = () => {
            clearTimeout(watchdog);
            watchdog = setTimeout(() => controller.abort(), silenceMilliseconds);
        };
        hear();
        try {
            // What was missed meanwhile, as far as the node kept it.
            const missed = this.last ? Math.ceil((this.now() - this.last.time) / 1000) + spareFrames : historyMax;
            const history = Math.min(historyMax, missed);
            const response = await fetch(`/admin/v1/live?history=${Math.max(0, history)}`, {
                headers: headers({ Accept: "text/event-stream" }), cache: "no-store", credentials: "omit", signal: controller.signal,
            });
            if (!response.ok) {
                const refusal = new Refusal(response.status, await response.json().catch(() => ({})));
                refusal.retryAfterSeconds = Number(response.headers.get("Retry-After")) || 0;
                throw refusal;
            }
            hear();
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
            let rest = "";
            for (;;) {
                const { value, done } = await reader.read();
                if (done) return;
                hear();
                const blocks = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
                rest = blocks.pop();
                for (const block of blocks) this.#take(block);
            }
        } finally {
            clearTimeout(watchdog);
            controller.abort();
        }
    }

    #take(block) {
        const lines = block.split("\n");
        // Comments begin with a colon; a block of nothing else is none.
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
        if (!data.length) return;
        const value = JSON.parse(data.join("\n"));
        const frames = Array.isArray(value) ? value : Array.isArray(value.frames) ? value.frames : [value];
        for (const frame of frames) this.#keep(frame);
        if (this.last) this.#offset = this.last.time - Date.now();
    }

    #keep(frame) {
        if (!frame.at || !frame.totals) return;
        frame.time = Date.parse(frame.at);
        this.#heardAt = performance.now();
        // Another node's ring may go back over what is known already.
        if (this.last && frame.time <= this.last.time) return;
        this.frames.push(frame);
        if (this.frames.length > keptFrames) this.frames.splice(0, this.frames.length - keptFrames);
        const isBack = this.state !== "live";
        this.state = "live";
        if (isBack) for (const listener of [...this.#backListeners]) listener();
    }

    /** The service's clock, as the last frame told it. */
    now() { return Date.now() + this.#offset; }
}
