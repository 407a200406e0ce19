package import SaleCore

/// What the load test reads of an HTTP/1.1 response to a purchase, and to what follows it.
package struct PurchaseResponse: Sendable, Equatable {
    package var status: Int
    /// The `code` of a problem.
    package var code: String?
    /// The `id` of an order.
    package var order: OrderID?
    /// The `state` of an order.
    package var state: OrderState?
    /// The server ends the connection after this response.
    package var closes: Bool
    /// Bytes from the first of the status line to the last of the body.
    package var bytesCount: Int

    package init(status: Int, code: String?, order: OrderID?, state: OrderState? = nil, closes: Bool, bytesCount: Int) {
        self.status = status
        self.code = code
        self.order = order
        self.state = state
        self.closes = closes
        self.bytesCount = bytesCount
    }

    /// What it says of a payment or a cancellation.
    package var followUpOutcome: Outcome {
        let outcome = Outcome(followUpStatus: status, code: code)
        return outcome == .settled && state == nil ? .unknown : outcome
    }

    package var outcome: Outcome {
        let outcome = Outcome(status: status, code: code)
        // A purchase without the id of its order cannot be checked, so it does not count as one.
        return (outcome == .committed || outcome == .reserved) && order == nil ? .unknown : outcome
    }
}

/// The bytes are not a response that this strict reader takes; the connection is of no use any
/// longer.
package struct MalformedResponse: Error, Sendable, Equatable {
    package var reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

extension PurchaseResponse {
    /// No honest answer to a purchase is larger.
    static let headBytesMax = 16_384
    static let bodyBytesMax = 1_048_576

    /// Reads the response at the start of `bytes`; `nil` while it is not complete. Every response
    /// must say its length in `Content-Length`: chunked bodies and bodies until the end of the
    /// connection are refused.
    package static func read(_ bytes: Span<UInt8>) throws(MalformedResponse) -> PurchaseResponse? {
        guard let head = try ResponseHead.read(bytes) else { return nil }
        let end = head.bytesCount + head.bodyCount
        guard bytes.count >= end else { return nil }
        var response = PurchaseResponse(status: head.status, code: nil, order: nil, closes: head.closes, bytesCount: end)
        guard head.bodyCount > 0 else { return response }
        if head.status <= 202 {
            response.order = JSONFields.string("id", in: bytes, at: head.bytesCount..<end).flatMap { OrderID($0) }
            if head.status == 200 {
                response.state = JSONFields.string("state", in: bytes, at: head.bytesCount..<end).flatMap { OrderState(rawValue: $0) }
            }
        } else {
            response.code = JSONFields.string("code", in: bytes, at: head.bytesCount..<end)
        }
        return response
    }
}
