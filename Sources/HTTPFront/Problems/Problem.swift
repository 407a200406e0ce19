package import NIOCore
package import SaleCore

/// One occurrence of a problem, as RFC 9457 writes it. May be thrown by a route.
package struct Problem: Error, Sendable, Equatable {
    /// A member beyond those that every problem has.
    package enum Extra: Sendable, Equatable {
        case orderID(OrderID)
        case opensAt(Timestamp)
        case serverTime(Timestamp)
        case violatedPolicies([String])
        case errors([Violation])
        /// Of the resource as it is now.
        case version(Int64)
    }

    package var code: ProblemCode
    /// `nil` stands for the code's default.
    package var detail: String?
    package var extras: [Extra]
    /// Whole seconds for the `Retry-After` header, which no retryable problem is without.
    package var retryAfterSeconds: Int?
    /// What a token bucket said about the request.
    package var rateLimit: RateLimitFields?
    /// The value of the `WWW-Authenticate` header.
    package var challenge: String?
    /// The value of the `Allow` header.
    package var allow: String?
    /// The value of the `Link` header.
    package var link: String?
    /// The value of the `ETag` header: of the resource as it is, where another one was expected.
    package var entityTag: String?

    package init(_ code: ProblemCode, detail: String? = nil, extras: [Extra] = [], retryAfterSeconds: Int? = nil) {
        self.code = code
        self.detail = detail
        self.extras = extras
        self.retryAfterSeconds = retryAfterSeconds ?? (code.isRetryable ? 1 : nil)
        self.rateLimit = nil
        self.challenge = nil
        self.allow = nil
        self.link = nil
        self.entityTag = nil
    }

    /// Names every field that is wrong.
    package init(invalid violations: [Violation]) {
        let detail = violations.map { "\($0.field) \($0.reason)" }.joined(separator: "; ")
        self.init(.invalidRequest, detail: detail + ".", extras: [.errors(violations)])
    }

    /// The body of its answer.
    package func body(requestID: RequestID) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(320)
        write(requestID: requestID, into: &buffer)
        return buffer
    }

    package func write(requestID: RequestID, into buffer: inout ByteBuffer) {
        writeUpToRequestID(into: &buffer)
        requestID.write(into: &buffer)
        writeFromRequestID(into: &buffer)
    }

    func writeUpToRequestID(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"type\":\"/problems/")
        buffer.writeString(code.rawValue)
        buffer.writeStaticString("\",\"title\":")
        buffer.writeJSONString(code.title)
        buffer.writeStaticString(",\"status\":")
        buffer.writeDecimal(code.status)
        buffer.writeStaticString(",\"detail\":")
        buffer.writeJSONString(detail ?? code.defaultDetail)
        buffer.writeStaticString(",\"code\":\"")
        buffer.writeString(code.rawValue)
        buffer.writeStaticString("\",\"request_id\":\"")
    }

    func writeFromRequestID(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("\",\"retryable\":")
        if code.isRetryable { buffer.writeStaticString("true") } else { buffer.writeStaticString("false") }
        for extra in extras {
            buffer.writeInteger(UInt8(ascii: ","))
            extra.write(into: &buffer)
        }
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}

extension Problem.Extra {
    fileprivate func write(into buffer: inout ByteBuffer) {
        switch self {
        case .orderID(let id):
            buffer.writeStaticString("\"order_id\":\"")
            buffer.writeText(of: id)
            buffer.writeInteger(UInt8(ascii: "\""))
        case .opensAt(let instant):
            buffer.writeStaticString("\"opens_at\":")
            buffer.writeQuoted(instant)
        case .serverTime(let instant):
            buffer.writeStaticString("\"server_time\":")
            buffer.writeQuoted(instant)
        case .violatedPolicies(let policies):
            buffer.writeStaticString("\"violated_policies\":[")
            for (index, policy) in policies.enumerated() {
                if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
                buffer.writeJSONString(policy)
            }
            buffer.writeInteger(UInt8(ascii: "]"))
        case .version(let version):
            buffer.writeStaticString("\"version\":")
            buffer.writeDecimal(version)
        case .errors(let violations):
            buffer.writeStaticString("\"errors\":[")
            for (index, violation) in violations.enumerated() {
                if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
                buffer.writeStaticString("{\"field\":")
                buffer.writeJSONString(violation.field)
                buffer.writeStaticString(",\"reason\":")
                buffer.writeJSONString(violation.reason)
                buffer.writeInteger(UInt8(ascii: "}"))
            }
            buffer.writeInteger(UInt8(ascii: "]"))
        }
    }
}
