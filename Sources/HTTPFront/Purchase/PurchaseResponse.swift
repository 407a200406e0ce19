import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// What is true of a purchase's answer whatever its outcome.
struct ResponseFrame {
    var requestID: RequestID
    var date: String
    var rateLimit: (policies: String, state: String)?
    var preferenceApplied: String?
    var closesConnection = false
}

/// A purchase's answer, ready to be written.
struct PurchaseResponse {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: ByteBuffer
    /// The outcome's name in the metrics.
    var outcome: String

    var head: HTTPResponseHead { HTTPResponseHead(version: .http1_1, status: status, headers: headers) }

    /// A committed or reserved order.
    init(_ order: Order, isCommitted: Bool, isReplay: Bool, frame: ResponseFrame, allocator: ByteBufferAllocator) {
        body = allocator.buffer(capacity: 320)
        OrderJSON.write(order, into: &body)
        status = isCommitted ? .created : .accepted
        outcome = isReplay ? "replayed" : isCommitted ? "committed" : "reserved"
        headers = Self.headers(frame, contentType: "application/json", length: body.readableBytes)
        headers.add(name: "Location", value: "/v1/orders/\(order.id)")
        if isReplay { headers.add(name: "Idempotency-Replayed", value: "true") }
        if let applied = frame.preferenceApplied { headers.add(name: "Preference-Applied", value: applied) }
    }

    init(_ problem: Problem, frame: ResponseFrame) {
        body = problem.body(requestID: frame.requestID)
        status = HTTPResponseStatus(statusCode: problem.code.status)
        outcome = problem.code.rawValue
        headers = Self.headers(frame, contentType: "application/problem+json", length: body.readableBytes)
        if let seconds = problem.retryAfterSeconds { headers.add(name: "Retry-After", value: "\(seconds)") }
        if let challenge = problem.challenge { headers.add(name: "WWW-Authenticate", value: challenge) }
    }

    private static func headers(_ frame: ResponseFrame, contentType: String, length: Int) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.reserveCapacity(12)
        headers.add(name: "Content-Type", value: contentType)
        headers.add(name: "Content-Length", value: "\(length)")
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Date", value: frame.date)
        headers.add(name: "X-Request-Id", value: "\(frame.requestID)")
        if let (policies, state) = frame.rateLimit {
            headers.add(name: "RateLimit-Policy", value: policies)
            headers.add(name: "RateLimit", value: state)
        }
        if frame.closesConnection { headers.add(name: "Connection", value: "close") }
        return headers
    }
}

extension Problem {
    init(_ refusal: PurchaseRefusal, retryAfter: () -> Int) {
        switch refusal {
        case .unknownSKU: self.init(.unknownSKU)
        case .notStarted(let opensAt, let now):
            let wait = max(1, (opensAt.milliseconds - now.milliseconds + 999) / 1_000)
            self.init(.notStarted, extras: [.opensAt(opensAt), .serverTime(now)], retryAfterSeconds: Int(wait))
        case .paused: self.init(.paused)
        case .closed: self.init(.closed)
        case .soldOut: self.init(.soldOut)
        case .limitReached(let order): self.init(.limitReached, extras: order.map { [.orderID($0)] } ?? [])
        case .keyMismatch: self.init(.idempotencyMismatch)
        case .inProgress: self.init(.idempotencyInProgress, retryAfterSeconds: 1)
        case .overloaded: self.init(.overloaded, retryAfterSeconds: retryAfter())
        case .recovering: self.init(.recovering, retryAfterSeconds: retryAfter())
        case .draining: self.init(.draining, retryAfterSeconds: retryAfter())
        }
    }
}
