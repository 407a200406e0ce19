import Foundation
import NIOHTTP1

/// One HTTP response, as a client sees it.
package struct Answer: Sendable, Equatable {
    package var status: Int
    package var headers: [String: String]
    package var body: String

    package init(status: Int, headers: [String: String] = [:], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:] }
    /// The `code` of a problem.
    package var code: String? { status >= 400 ? json["code"] as? String : nil }
    /// The `id` of an order.
    package var order: String? { status < 300 ? json["id"] as? String : nil }
    package var retryAfterSeconds: Int? { headers["retry-after"].flatMap { Int($0) } }
    package var isReplayed: Bool { headers["idempotency-replayed"] == "true" }

    /// Such as `409 sold_out`.
    package var summary: String { code.map { "\(status) \($0)" } ?? "\(status)" }

    /// Whether the contract knows this status with this code.
    package var isDocumented: Bool {
        switch status {
        case 200..<300: true
        case 501, 505: true
        default: Self.codes[status].map { codes in code.map(codes.contains) ?? false } ?? false
        }
    }

    /// What an edge says in place of a node: a node may or may not have done what was asked.
    var isOfEdge: Bool { [500, 502, 504].contains(status) && code == "outcome_unknown" || status == 408 && code == "request_timeout" }

    private static let codes: [Int: Set<String>] = [
        400: ["malformed_request"],
        401: ["unauthenticated"],
        403: ["forbidden"],
        404: ["unknown_sale", "unknown_sku", "unknown_order", "not_found"],
        405: ["method_not_allowed"],
        409: ["sold_out", "limit_reached", "not_started", "paused", "idempotency_in_progress", "not_cancellable"],
        410: ["closed"],
        413: ["body_too_large"],
        415: ["unsupported_media_type"],
        422: ["invalid_request", "idempotency_mismatch"],
        429: ["rate_limited"],
        431: ["headers_too_large"],
        503: ["overloaded", "recovering", "draining"],
    ]
}
