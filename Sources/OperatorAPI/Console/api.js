// Operators' REST: the token, versions, idempotency keys and problems.

const tokenKey = "seckill.console.token";

/** A refusal in the words of the service (RFC 9457). */
export class Refusal extends Error {
    constructor(status, problem) {
        super(problem.detail || problem.title || `HTTP ${status}`);
        this.status = status;
        this.code = problem.code ?? "";
        this.violations = problem.violations ?? problem.errors ?? [];
        this.requestID = problem.request_id ?? "";
    }
}

/** Nobody answered, or not to the end, or not in time. */
export class Unreachable extends Error {}

export const token = {
    get: () => sessionStorage.getItem(tokenKey),
    keep: (text) => sessionStorage.setItem(tokenKey, text),
    forget: () => sessionStorage.removeItem(tokenKey),
};

let onSignedOut = () => {};
/** Told when the service no longer knows the token. */
export const whenSignedOut = (listener) => (onSignedOut = listener);

export function headers(more = {}) {
    const known = token.get();
    return { ...(known ? { Authorization: `Bearer ${known}` } : {}), "Seckill-Channel": "console", ...more };
}

/** 122 random bits; `crypto.randomUUID` exists in secure contexts only. */
export function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A change may wait for every node, and the test of an endpoint for its receiver: 15 s at most. */
const [readMilliseconds, writeMilliseconds] = [10_000, 20_000];

const json = (response) => response.json();

/** @param read takes the answer's body. */
async function send(path, options, read = json) {
    let response;
    try {
        response = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
        if (response.ok) return await read(response);
    } catch {
        throw new Unreachable();
    }
    const problem = await response.json().catch(() => ({}));
    const refusal = new Refusal(response.status, problem);
    // A late answer to an earlier session says nothing about this one's token.
    const isPresent = options.headers.Authorization === headers().Authorization;
    if (response.status === 401 && isPresent) onSignedOut(refusal);
    throw refusal;
}

/** @param signal of whoever may leave earlier; a browser that cannot join two leaves it out. */
export function get(path, signal, milliseconds = readMilliseconds) {
    const limit = AbortSignal.timeout(milliseconds);
    return send(path, { headers: headers(), signal: signal && AbortSignal.any ? AbortSignal.any([signal, limit]) : limit });
}

/** An export lasts as long as there are rows: it has no limit. */
export function getText(path, accept) {
    return send(path, { headers: headers({ Accept: accept }) }, (response) => response.blob());
}

/**
 * A change. Its key is made once, so that a repetition after a lost answer is the same change.
 *
 * @param change `{method, path, body, version}`; `version` is the ETag that was looked at.
 */
export async function write(change, key = newKey()) {
    // All attempts share it: whoever waits must hear in time that nobody answers.
    const signal = AbortSignal.timeout(writeMilliseconds);
    const options = {
        signal, method: change.method ?? "POST",
        headers: headers({
            "Content-Type": "application/json", "Idempotency-Key": key, ...(change.version ? { "If-Match": change.version } : {}),
        }),
        body: JSON.stringify(change.body),
    };
    for (let attempt = 1; ; attempt++) {
        try {
            return await send(change.path, options);
        } catch (error) {
            const mayRepeat = error instanceof Unreachable || error.status === 503 || error.code === "idempotency_in_progress";
            if (!mayRepeat || attempt === 3 || signal.aborted) throw error;
            await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 1000 * attempt));
        }
    }
}

/** `path?name=value…` of those that are given. */
export function query(path, parameters) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value !== "" && value !== null && value !== undefined) search.set(name, value);
    const text = search.toString();
    return text ? `${path}?${text}` : path;
}

export const part = encodeURIComponent;
