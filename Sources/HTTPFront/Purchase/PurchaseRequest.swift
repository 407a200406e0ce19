import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// What is known of a purchase while it is being answered.
struct PurchaseRequest {
    let id: RequestID
    let trace: TraceID?
    /// When the head was there.
    let arrivedAt: MonotonicInstant
    var laneSale: LaneSale?
    var rateLimit: RateLimitState?
    /// All buckets were asked, or one refused.
    var tellsRateLimit = false
    var preference: Preference?
    var allowedOrigin: AllowedOrigin?
}

/// What a buyer wants, once all of it is read.
struct PurchaseTerms {
    var sku: SKU
    /// Between 1 and `Limits.quantityMax`.
    var quantity: Int
    var key: IdempotencyKey?
    var preference: Preference

    init(sku: SKU, quantity: Int, key: IdempotencyKey?, preference: Preference) {
        self.sku = sku
        self.quantity = quantity
        self.key = key
        self.preference = preference
    }

    static let keyHeader = "Idempotency-Key"

    /// - Parameter keys: the values of all headers of that name.
    init(keys: [String], body: ByteBuffer, preference: Preference) throws(Problem) {
        let key = try Self.key(of: keys)
        switch PurchaseBody.parse(body) {
        case .success(let body): self.init(sku: body.sku, quantity: body.quantity, key: key, preference: preference)
        case .failure(let bad): throw bad.problem
        }
    }

    static func key(of values: [String]) throws(Problem) -> IdempotencyKey? {
        guard let value = values.first else { return nil }
        guard values.count == 1, let key = IdempotencyKey(headerValue: value) else {
            throw Problem(invalid: [
                Violation(field: keyHeader, reason: "must occur once and be 1–255 visible ASCII characters, quoted or bare")
            ])
        }
        return key
    }
}

/// A purchase that came through the decoder.
struct DecodedPurchase {
    let head: HTTPRequestHead
    let hasKey: Bool
    /// What `Content-Length` says; `nil` when the body is chunked.
    let declaredLength: Int?
    var body = ByteBuffer()

    init(_ head: HTTPRequestHead) {
        self.head = head
        hasKey = head.headers.contains(name: PurchaseTerms.keyHeader)
        declaredLength = head.declaredBodyLength
    }

    /// The key is judged before the type, and the type before the body.
    func terms() throws(Problem) -> PurchaseTerms {
        let keys = hasKey ? head.headers[PurchaseTerms.keyHeader] : []
        _ = try PurchaseTerms.key(of: keys)
        try checkMediaType()
        return try PurchaseTerms(keys: keys, body: body, preference: Preference(headerValues: head.headers["Prefer"]))
    }

    /// A body without a type is taken for JSON.
    private func checkMediaType() throws(Problem) {
        guard let value = head.headers.first(name: "Content-Type") else { return }
        var type = value.prefix { $0 != ";" }
        while type.last == " " || type.last == "\t" { type.removeLast() }
        guard String(type).isEqualCaseInsensitively(to: "application/json"), !head.headers.contains(name: "Content-Encoding") else {
            throw Problem(.unsupportedMediaType)
        }
    }
}

/// A purchase as it came, by either way.
enum IncomingPurchase {
    case decoded(DecodedPurchase)
    case fastPath(FastPathPurchase)

    var hasKey: Bool {
        switch self {
        case .decoded(let purchase): purchase.hasKey
        case .fastPath(let purchase): purchase.hasKey
        }
    }

    /// It bears what only browsers send.
    var isFromBrowser: Bool {
        switch self {
        case .decoded(let purchase): purchase.head.headers.contains(name: "Origin") || purchase.head.headers.contains(name: "Sec-Fetch-Site")
        case .fastPath(let purchase): purchase.isFromBrowser
        }
    }

    var isBodyTooLong: Bool {
        switch self {
        case .decoded(let purchase): purchase.declaredLength ?? 0 > Limits.bodyBytesMax
        case .fastPath: false
        }
    }

    var forwardedFor: [String] {
        switch self {
        case .decoded(let purchase): purchase.head.headers["X-Forwarded-For"]
        case .fastPath(let purchase): purchase.forwardedFor.isPresent ? [purchase.text(purchase.forwardedFor)] : []
        }
    }

    /// As a trusted proxy names the request.
    var requestID: RequestID? {
        switch self {
        case .decoded(let purchase): RequestID(headerValues: purchase.head.headers[RequestID.header])
        case .fastPath(let purchase):
            purchase.requestID.isPresent ? RequestID(purchase.bytes.readableBytesSpan.extracting(purchase.requestID.range)) : nil
        }
    }

    /// As a trusted proxy names it.
    var trace: TraceID? {
        switch self {
        case .decoded(let purchase): TraceID(headerValues: purchase.head.headers[TraceID.header])
        case .fastPath(let purchase):
            purchase.trace.isPresent ? TraceID(traceparent: purchase.bytes.readableBytesSpan.extracting(purchase.trace.range)) : nil
        }
    }

    func allowedOrigin(among origins: AllowedOrigins) -> AllowedOrigin? {
        switch self {
        case .decoded(let purchase): origins.allowed(purchase.head.headers["Origin"])
        case .fastPath(let purchase):
            purchase.origin.isPresent ? origins.allowed(purchase.bytes.readableBytesSpan.extracting(purchase.origin.range)) : nil
        }
    }

    func trustedUser() throws(AuthFailure) -> UserID {
        switch self {
        case .decoded(let purchase): return try Credentials.trustedUser(in: purchase.head.headers["X-User-Id"])
        case .fastPath(let purchase): return try Credentials.trustedUser(in: CollectionOfOne(purchase.text(purchase.credential)))
        }
    }

    func bearerToken() throws(AuthFailure) -> String {
        switch self {
        case .decoded(let purchase): return try Credentials.bearerToken(in: purchase.head.headers["Authorization"])
        case .fastPath(let purchase): return try Credentials.bearerToken(in: purchase.text(purchase.credential))
        }
    }

    func terms() throws(Problem) -> PurchaseTerms {
        switch self {
        case .decoded(let purchase): return try purchase.terms()
        case .fastPath(let purchase): return try purchase.terms()
        }
    }
}

extension HTTPRequestHead {
    /// What `Content-Length` says, 0 when nothing says anything, `nil` when the body is chunked. A
    /// number too large to count is the largest.
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
