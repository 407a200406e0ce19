/// Everything that can go wrong for a client, by the name that it reads in `code`.
package enum ProblemCode: String, Sendable, CaseIterable {
    case malformedRequest = "malformed_request"
    case idempotencyKeyRequired = "idempotency_key_required"
    case unauthenticated
    case forbidden
    case unknownSale = "unknown_sale"
    case unknownSKU = "unknown_sku"
    case unknownOrder = "unknown_order"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case headersTooLarge = "headers_too_large"
    case methodNotImplemented = "not_implemented"
    case versionNotSupported = "version_not_supported"
    case soldOut = "sold_out"
    case limitReached = "limit_reached"
    case notStarted = "not_started"
    case paused
    case idempotencyInProgress = "idempotency_in_progress"
    case notCancellable = "not_cancellable"
    case closed
    case invalidRequest = "invalid_request"
    case idempotencyMismatch = "idempotency_mismatch"
    case rateLimited = "rate_limited"
    case overloaded
    case recovering
    case draining
    // Said to operators alone.
    case misdirectedRequest = "misdirected_request"
    case conflict
    case preconditionFailed = "precondition_failed"
    case preconditionRequired = "precondition_required"

    /// Those that only the admin port says.
    package static let ofOperators: [ProblemCode] = [.misdirectedRequest, .conflict, .preconditionFailed, .preconditionRequired]

    package var status: Int {
        switch self {
        case .malformedRequest, .idempotencyKeyRequired: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .unknownSale, .unknownSKU, .unknownOrder, .notFound: 404
        case .methodNotAllowed: 405
        case .soldOut, .limitReached, .notStarted, .paused, .idempotencyInProgress, .notCancellable, .conflict: 409
        case .closed: 410
        case .preconditionFailed: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .misdirectedRequest: 421
        case .invalidRequest, .idempotencyMismatch: 422
        case .preconditionRequired: 428
        case .rateLimited: 429
        case .headersTooLarge: 431
        case .methodNotImplemented: 501
        case .versionNotSupported: 505
        case .overloaded, .recovering, .draining: 503
        }
    }

    /// Whether the same request may succeed later without any change to it.
    package var isRetryable: Bool {
        switch self {
        case .notStarted, .paused, .idempotencyInProgress, .rateLimited, .overloaded, .recovering, .draining: true
        // Units may come back, but a client that asks again and again for what is gone only takes
        // the road from others.
        case .soldOut: false
        case .malformedRequest, .idempotencyKeyRequired, .unauthenticated, .forbidden, .unknownSale, .unknownSKU, .unknownOrder, .notFound,
            .methodNotAllowed, .bodyTooLarge, .unsupportedMediaType, .headersTooLarge, .methodNotImplemented, .versionNotSupported, .limitReached,
            .notCancellable,
            .closed, .invalidRequest, .idempotencyMismatch, .misdirectedRequest, .conflict, .preconditionFailed,
            .preconditionRequired:
            false
        }
    }

    /// The problem's `type`: a reference that resolves to its page on the same host.
    package var typeReference: String { "/problems/\(rawValue)" }
}
