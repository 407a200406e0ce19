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
}

/// The answer to a purchase, or to a request that is refused before anybody else sees it. Written by hand: status line, headers and body in one piece.
enum PurchaseAnswer {
    case order(Order, isCommitted: Bool, isReplay: Bool)
    case problem(Problem)

    /// Appends the whole answer to `buffer`.
    ///
    /// - Parameters:
    ///   - closes: it says that it is the connection's last.
    ///   - body: room to write the body to before its length is known; its content does not matter.
    func write(_ frame: AnswerFrame, closes: Bool, body: inout ByteBuffer, into buffer: inout ByteBuffer) {
        body.clear()
        switch self {
        case .order(let order, let isCommitted, let isReplay):
            OrderJSON.write(order, into: &body)
            buffer.writeStaticString(isCommitted ? "HTTP/1.1 201 Created" : "HTTP/1.1 202 Accepted")
            buffer.writeStaticString("\r\nContent-Type: application/json")
            Self.writeHeaders(frame, closes: closes, length: body.readableBytes, into: &buffer)
            buffer.writeStaticString("\r\nLocation: /v1/orders/")
            buffer.writeText(of: order.id)
            if isReplay { buffer.writeStaticString("\r\nIdempotency-Replayed: true") }
            if let applied = frame.preferenceApplied {
                buffer.writeStaticString("\r\nPreference-Applied: ")
                buffer.writeString(applied)
            }
        case .problem(let problem):
            problem.write(requestID: frame.requestID, into: &body)
            buffer.writeStaticString("HTTP/1.1 ")
            buffer.writeDecimal(problem.code.status)
            buffer.writeInteger(UInt8(ascii: " "))
            buffer.writeString(HTTPResponseStatus(statusCode: problem.code.status).reasonPhrase)
            buffer.writeStaticString("\r\nContent-Type: application/problem+json")
            Self.writeHeaders(frame, closes: closes, length: body.readableBytes, into: &buffer)
            if let seconds = problem.retryAfterSeconds {
                buffer.writeStaticString("\r\nRetry-After: ")
                buffer.writeDecimal(seconds)
            }
            if let challenge = problem.challenge {
                buffer.writeStaticString("\r\nWWW-Authenticate: ")
                buffer.writeString(challenge)
            }
        }
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBuffer(&body)
    }

    private static func writeHeaders(_ frame: AnswerFrame, closes: Bool, length: Int, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("\r\nContent-Length: ")
        buffer.writeDecimal(length)
        buffer.writeStaticString("\r\nCache-Control: no-store\r\nDate: ")
        buffer.writeString(frame.date)
        buffer.writeStaticString("\r\nX-Request-Id: ")
        frame.requestID.write(into: &buffer)
        if let state = frame.rateLimit {
            buffer.writeStaticString("\r\nRateLimit-Policy: ")
            buffer.writeString(state.policies)
            buffer.writeStaticString("\r\nRateLimit: ")
            state.write(into: &buffer)
        }
        if closes { buffer.writeStaticString("\r\nConnection: close") }
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
