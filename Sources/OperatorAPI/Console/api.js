// Operators' REST: the token, versions, idempotency keys and problems.

const tokenKey = "seckill.console.token";

/** A refusal in the words of the service (RFC 9457). */
export class Refusal extends Error {
    constructor(status, problem, etag) {
        super(problem.detail || problem.title || `HTTP ${status}`);
        this.status = status;
        this.code = problem.code ?? "";
        this.violations = problem.violations ?? problem.errors ?? [];
        this.requestID = problem.request_id ?? "";
        this.etag = etag;
    }
}

/** Nobody answered. */
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

async function send(path, options) {
    let response;
    try {
        response = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Unreachable();
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const refusal = new Refusal(response.status, problem, response.headers.get("ETag"));
    // A late answer to an earlier session says nothing about this one's token.
    const isPresent = options.headers.Authorization === headers().Authorization;
    if (response.status === 401 && isPresent) onSignedOut(refusal);
    throw refusal;
}

export async function get(path, signal) {
    const response = await send(path, { headers: headers(), signal });
    const value = await response.json();
    Object.defineProperty(value, "etag", { value: response.headers.get("ETag") });
    return value;
}

export async function getText(path, accept) {
    return (await send(path, { headers: headers({ Accept: accept }) })).blob();
}

/**
 * A change. Its key is made once, so that a repetition after a lost answer is the same change.
 *
 * @param change `{method, path, body, version}`; `version` is the ETag that was looked at.
 */
export async function write(change, key = newKey()) {
    const options = {
        method: change.method ?? "POST",
        headers: headers({
            "Content-Type": "application/json", "Idempotency-Key": key, ...(change.version ? { "If-Match": change.version } : {}),
        }),
        body: JSON.stringify(change.body),
    };
    for (let attempt = 1; ; attempt++) {
        try {
            return await (await send(change.path, options)).json();
        } catch (error) {
            const mayRepeat = error instanceof Unreachable || error.status === 503 || error.code === "idempotency_in_progress";
            if (!mayRepeat || attempt === 3) throw error;
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
