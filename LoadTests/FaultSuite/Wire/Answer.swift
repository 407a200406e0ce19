import Foundation
import NIOHTTP1

/// One HTTP response, as a client sees it.
struct Answer: Sendable, Equatable {
    var status: Int
    var headers: [String: String]
    var body: String

    init(status: Int, headers: [String: String] = [:], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:] }
    /// The `code` of a problem.
    var code: String? { status >= 400 ? json["code"] as? String : nil }
    /// The `id` of an order.
    var order: String? { status < 300 ? json["id"] as? String : nil }
    var retryAfterSeconds: Int? { headers["retry-after"].flatMap { Int($0) } }
    var isReplayed: Bool { headers["idempotency-replayed"] == "true" }

    /// Such as `409 sold_out`.
    var summary: String { code.map { "\(status) \($0)" } ?? "\(status)" }

    /// Whether the contract knows this status with this code.
    var isDocumented: Bool {
        switch status {
        case 200..<300: true
        case 501, 505: true
        default: Self.codes[status].map { codes in code.map(codes.contains) ?? false } ?? false
        }
    }

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
