import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// What is true of a purchase's answer whatever its outcome.
struct AnswerFrame {
    var requestID: RequestID
    /// The value of `Date`.
    var date: String
    var rateLimit: RateLimitState?
    var preferenceApplied: String?
    var allowedOrigin: AllowedOrigin?
}

/// The answer to a purchase, or to a request that is refused before anybody else sees it. Written
/// by hand: status line, headers and body in one piece.
enum PurchaseAnswer {
    case order(Order, isCommitted: Bool, isReplay: Bool)
    case problem(Problem)

    /// Appends the whole answer to `buffer`.
    ///
    /// - Parameters:
    ///   - closes: it says that it is the connection's last.
    ///   - body: room to write the body to before its length is known; its content does not matter.
    /// - Returns: where the ids of an order's answer stand.
    @discardableResult
    func write(_ frame: AnswerFrame, closes: Bool, body: inout ByteBuffer, into buffer: inout ByteBuffer) -> OrderAnswerIDs? {
        body.clear()
        var ids: OrderAnswerIDs?
        switch self {
        case .order(let order, let isCommitted, let isReplay):
            OrderJSON.write(order, into: &body)
            buffer.writeWithOutputRawSpan(minimumWritableBytes: frame.byteCountMax + 256) { cursor in
                cursor.write(isCommitted ? "HTTP/1.1 201 Created" : "HTTP/1.1 202 Accepted")
                cursor.write("\r\nContent-Type: application/json")
                let request = frame.write(closes: closes, length: body.readableBytes, into: &cursor)
                cursor.write("\r\nLocation: /v1/orders/")
                let location = cursor.byteCount
                cursor.write(order.id)
                if isReplay { cursor.write("\r\nIdempotency-Replayed: true") }
                if let applied = frame.preferenceApplied {
                    cursor.write("\r\nPreference-Applied: ")
                    cursor.write(applied)
                }
                cursor.write("\r\n\r\n")
                ids = OrderAnswerIDs(request: request, location: location, body: cursor.byteCount + OrderJSON.idOffset)
            }
        case .problem(let problem):
            problem.write(requestID: frame.requestID, into: &body)
            let status = HTTPResponseStatus(statusCode: problem.code.status)
            let (challenge, link) = (problem.challenge ?? "", problem.link ?? "")
            buffer.writeWithOutputRawSpan(minimumWritableBytes: frame.byteCountMax + challenge.utf8.count + link.utf8.count + 256) { cursor in
                cursor.write("HTTP/1.1 ")
                cursor.write(decimal: problem.code.status)
                cursor.write(UInt8(ascii: " "))
                cursor.write(status.reasonPhrase)
                cursor.write("\r\nContent-Type: application/problem+json")
                frame.write(closes: closes, length: body.readableBytes, into: &cursor)
                if let seconds = problem.retryAfterSeconds {
                    cursor.write("\r\nRetry-After: ")
                    cursor.write(decimal: seconds)
                }
                if !challenge.isEmpty {
                    cursor.write("\r\nWWW-Authenticate: ")
                    cursor.write(challenge)
                }
                if !link.isEmpty {
                    cursor.write("\r\nLink: ")
                    cursor.write(link)
                }
                cursor.write("\r\n\r\n")
            }
        }
        buffer.writeBuffer(&body)
        return ids
    }
}

/// Where in the answer to an order the ids stand, which alone differ between the answers of one
/// batch: offsets from its first byte.
struct OrderAnswerIDs: Equatable {
    var request: Int
    var location: Int
    var body: Int
}

extension AnswerFrame {
    /// No less than what `write` and the preferences take.
    fileprivate var byteCountMax: Int {
        256 + requestID.byteCount + date.utf8.count + (rateLimit?.byteCountMax ?? 0) + (preferenceApplied?.utf8.count ?? 0)
            + (allowedOrigin?.headers.utf8.count ?? 0)
    }

    /// Returns where the request's id stands.
    @discardableResult
    fileprivate func write(closes: Bool, length: Int, into cursor: inout OutputRawSpan) -> Int {
        cursor.write("\r\nContent-Length: ")
        cursor.write(decimal: length)
        cursor.write("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nDate: ")
        cursor.write(date)
        cursor.write("\r\nX-Request-Id: ")
        let offset = cursor.byteCount
        requestID.write(into: &cursor)
        if let rateLimit {
            cursor.write("\r\nRateLimit-Policy: ")
            cursor.write(rateLimit.policies)
            cursor.write("\r\nRateLimit: ")
            rateLimit.write(into: &cursor)
        }
        if closes { cursor.write("\r\nConnection: close") }
        if let allowedOrigin { cursor.write(allowedOrigin.headers) }
        return offset
    }
}

extension Problem {
    /// - Parameter retryAfter: whole seconds of the range, drawn by lot.
    init(_ refusal: PurchaseRefusal, retryAfter: (ClosedRange<Int>) -> Int) {
        switch refusal {
        case .unknownSKU: self.init(.unknownSKU)
        case .notStarted(let opensAt, let now):
            let wait = max(1, (opensAt.milliseconds - now.milliseconds + 999) / 1_000)
            self.init(.notStarted, extras: [.opensAt(opensAt), .serverTime(now)], retryAfterSeconds: Int(wait))
        // An operator's pause lasts longer than a node's trouble.
        case .paused: self.init(.paused, retryAfterSeconds: retryAfter(2...5))
        case .closed: self.init(.closed)
        case .soldOut: self.init(.soldOut)
        case .limitReached(let order): self.init(.limitReached, extras: order.map { [.orderID($0)] } ?? [])
        case .keyMismatch: self.init(.idempotencyMismatch)
        case .inProgress: self.init(.idempotencyInProgress, retryAfterSeconds: 1)
        case .overloaded: self.init(.overloaded, retryAfterSeconds: retryAfter(1...3))
        case .recovering: self.init(.recovering, retryAfterSeconds: retryAfter(1...3))
        case .draining: self.init(.draining, retryAfterSeconds: retryAfter(1...3))
        }
    }
}
