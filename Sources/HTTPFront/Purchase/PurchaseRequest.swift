import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// A purchase as far as it has been read.
struct PurchaseRequest {
    let head: HTTPRequestHead
    let id: RequestID
    /// Nanoseconds of the monotonic clock when the head was there.
    let arrivedAt: UInt64
    let hasKey: Bool
    /// What `Content-Length` says; `nil` when the body is chunked.
    let declaredLength: Int?
    var counter: SaleCounter?
    var body = ByteBuffer()
    var rateLimit: String?
    var hasPassedBuckets = false
    var preference: Preference?

    init(_ head: HTTPRequestHead, id: RequestID, arrivedAt: UInt64) {
        self.head = head
        self.id = id
        self.arrivedAt = arrivedAt
        hasKey = head.headers.contains(name: Self.keyHeader)
        declaredLength = head.declaredBodyLength
    }

    private static let keyHeader = "Idempotency-Key"

    func idempotencyKey() throws(Problem) -> IdempotencyKey? {
        guard hasKey else { return nil }
        let values = head.headers[Self.keyHeader]
        guard values.count == 1, let key = IdempotencyKey(headerValue: values[0]) else {
            throw Problem(invalid: [
                FieldViolation(field: Self.keyHeader, reason: "must occur once and be 1–255 visible ASCII characters, quoted or bare")
            ])
        }
        return key
    }

    /// A body without a type is taken for JSON.
    func checkMediaType() throws(Problem) {
        guard let value = head.headers.first(name: "Content-Type") else { return }
        var type = value.prefix { $0 != ";" }
        while type.last == " " { type.removeLast() }
        guard String(type).isEqualCaseInsensitively(to: "application/json"), !head.headers.contains(name: "Content-Encoding") else {
            throw Problem(.unsupportedMediaType)
        }
    }
}

extension HTTPRequestHead {
    /// What `Content-Length` says, 0 when nothing says anything, `nil` when the body is chunked. A number too large to count is the largest.
    var declaredBodyLength: Int? {
        if let text = headers.first(name: "Content-Length") { return Int(text) ?? .max }
        return headers.contains(name: "Transfer-Encoding") ? nil : 0
    }

    /// Whether a body of this length may be asked for.
    var isBodyShort: Bool { declaredBodyLength ?? 0 <= Limits.bodyBytesMax }

    /// The client waits for a word before it sends the body.
    var expectsContinue: Bool {
        headers.first(name: "Expect")?.isEqualCaseInsensitively(to: "100-continue") ?? false
    }
}
