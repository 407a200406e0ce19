import NIOCore
import SaleService

/// Reads purchases of the usual form straight from the bytes: one request line, headers in which
/// nothing is ambiguous, and the body as every client writes it, all of it there. So it does with
/// what a crowd asks for before, in the form that browsers and programs write: a sale's page, the
/// time, and a browser's question whether it may ask.
///
/// Whatever is not exactly so is not wrong, only unusual, and goes the ordinary way: the decoder,
/// the validation of requests and the JSON reader. Both ways give the same answers, so this may
/// refuse anything, but must never take what they would not.
struct FastPathReader {
    /// The headers of one request. Names that are not here mean nothing to a purchase.
    private enum Header {
        case host, contentLength, contentType, connection, credential, key, forwardedFor, requestID, trace, prefer, origin, fetchSite
        /// Means something, and what that is the ordinary way knows.
        case unusual
        case ignored
    }

    /// Well below what the decoder takes, so that its limits need not be counted here.
    private static let headBytesMax = 6_144
    private static let headersMax = 48
    private static let bodyBytesMax = 512

    private let usesTokens: Bool
    private let isBehindProxy: Bool

    /// - Parameters:
    ///   - usesTokens: `Authorization` says who is buying, rather than `X-User-Id`.
    ///   - isBehindProxy: the peer is a trusted proxy: what it says of a request counts.
    init(usesTokens: Bool, isBehindProxy: Bool) {
        self.usesTokens = usesTokens
        self.isBehindProxy = isBehindProxy
    }

    /// Reads the request with which `buffer` begins, and moves behind it; `nil`, and `buffer` as it
    /// was, when it begins with anything else.
    func next(from buffer: inout ByteBuffer) -> FastPathRequest? {
        switch buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
        case UInt8(ascii: "P"): nextPurchase(from: &buffer).map { .purchase($0) }
        case UInt8(ascii: "G"), UInt8(ascii: "O"): nextPlain(from: &buffer).map { .plain($0) }
        default: nil
        }
    }

    private func nextPurchase(from buffer: inout ByteBuffer) -> FastPathPurchase? {
        var reading = Reading()
        guard let count = read(buffer.readableBytesSpan, into: &reading), let bytes = buffer.readSlice(length: count) else { return nil }
        return FastPathPurchase(
            bytes: bytes, sale: reading.sale, credential: reading.credential, key: reading.key, forwardedFor: reading.forwardedFor,
            requestID: reading.requestID, trace: reading.trace, prefer: reading.prefer, sku: reading.sku, body: reading.body,
            quantity: reading.quantity, origin: reading.origin, isFromBrowser: reading.isFromBrowser)
    }

    private struct Reading {
        var sale = FastPathPurchase.Span()
        var credential = FastPathPurchase.Span()
        var key = FastPathPurchase.Span()
        var forwardedFor = FastPathPurchase.Span()
        var requestID = FastPathPurchase.Span()
        var trace = FastPathPurchase.Span()
        var prefer = FastPathPurchase.Span()
        var sku = FastPathPurchase.Span()
        var body = FastPathPurchase.Span()
        var origin = FastPathPurchase.Span()
        var isFromBrowser = false
        var quantity = 0
        var length: Int?
        var hasHost = false
        var hasType = false
        var hasConnection = false
    }

    /// - Returns: how many bytes the request is long.
    private func read(_ bytes: RawSpan, into reading: inout Reading) -> Int? {
        var scan = ByteScan(bytes, countMax: Self.headBytesMax)
        guard scan.take("POST /v1/sales/"), let sale = scan.name(), scan.take("/orders HTTP/1.1\r\n") else { return nil }
        reading.sale = sale
        var headers = 0
        while !scan.take("\r\n") {
            headers += 1
            guard headers <= Self.headersMax, let name = scan.token(), scan.take(":"), let value = scan.value() else { return nil }
            guard note(name, value, scan, in: &reading) else { return nil }
        }
        guard reading.hasHost, reading.credential.isPresent, let length = reading.length, length <= Self.bodyBytesMax else { return nil }
        return readBody(bytes, from: scan.offset, length: length, into: &reading)
    }

    /// `false` when the header makes the request unusual.
    private func note(_ name: FastPathPurchase.Span, _ value: FastPathPurchase.Span, _ scan: borrowing ByteScan, in reading: inout Reading) -> Bool {
        func first(_ span: inout FastPathPurchase.Span) -> Bool {
            guard !span.isPresent, value.count > 0 else { return false }
            span = value
            return true
        }
        switch header(name, scan) {
        case .ignored: return true
        case .unusual: return false
        case .host:
            guard !reading.hasHost, scan.isHost(value) else { return false }
            reading.hasHost = true
        case .contentLength:
            // The decoder takes no tab behind it.
            guard reading.length == nil, let length = scan.number(value), !scan.isTabBehind(value) else { return false }
            reading.length = length
        case .contentType:
            guard !reading.hasType, scan.isJSON(value) else { return false }
            reading.hasType = true
        case .connection:
            guard !reading.hasConnection, scan.equals(value, "keep-alive") else { return false }
            reading.hasConnection = true
        case .credential:
            guard usesTokens ? scan.isBearer(value) : scan.isVisible(value) && value.count <= 128 else { return false }
            return first(&reading.credential)
        case .key:
            guard scan.isKey(value) else { return false }
            return first(&reading.key)
        case .forwardedFor: return !isBehindProxy || first(&reading.forwardedFor)
        case .requestID: return !isBehindProxy || first(&reading.requestID)
        case .trace: return !isBehindProxy || first(&reading.trace)
        case .prefer: return first(&reading.prefer)
        case .origin:
            reading.isFromBrowser = true
            return first(&reading.origin)
        case .fetchSite: reading.isFromBrowser = true
        }
        return true
    }

    /// Told apart by their lengths first: most headers of a browser are none of these.
    private func header(_ name: FastPathPurchase.Span, _ scan: borrowing ByteScan) -> Header {
        func isNamed(_ lowercase: StaticString) -> Bool { scan.equalsIgnoringCase(name, lowercase) }
        switch name.count {
        case 2: return isNamed("te") ? .unusual : .ignored
        case 4: return isNamed("host") ? .host : .ignored
        case 6: return isNamed("prefer") ? .prefer : isNamed("origin") ? .origin : isNamed("expect") ? .unusual : .ignored
        case 7: return isNamed("upgrade") || isNamed("trailer") ? .unusual : .ignored
        case 9: return !usesTokens && isNamed("x-user-id") ? .credential : .ignored
        case 10: return isNamed("connection") ? .connection : isNamed("keep-alive") ? .unusual : .ignored
        case 11: return isNamed("traceparent") ? .trace : .ignored
        case 12: return isNamed("content-type") ? .contentType : isNamed("x-request-id") ? .requestID : .ignored
        case 13: return usesTokens && isNamed("authorization") ? .credential : .ignored
        case 14: return isNamed("content-length") ? .contentLength : isNamed("sec-fetch-site") ? .fetchSite : .ignored
        case 15: return isNamed("idempotency-key") ? .key : isNamed("x-forwarded-for") ? .forwardedFor : .ignored
        case 16: return isNamed("content-encoding") || isNamed("proxy-connection") ? .unusual : .ignored
        case 17: return isNamed("transfer-encoding") ? .unusual : .ignored
        default: return .ignored
        }
    }

    /// `{"sku":"…","quantity":…}`, its two members in either order, with spaces where most writers
    /// put them.
    private func readBody(_ bytes: RawSpan, from start: Int, length: Int, into reading: inout Reading) -> Int? {
        guard bytes.byteCount - start >= length else { return nil }
        var scan = ByteScan(bytes.extracting(first: start + length), from: start)
        guard scan.take("{"), member(&scan, into: &reading), scan.take(",") else { return nil }
        scan.skipSpaces()
        guard member(&scan, into: &reading), scan.take("}"), scan.isAtEnd, reading.sku.isPresent, reading.quantity > 0 else { return nil }
        reading.body = FastPathPurchase.Span(start: UInt16(start), count: UInt16(length))
        return start + length
    }

    private func member(_ scan: inout ByteScan, into reading: inout Reading) -> Bool {
        if scan.take("\"sku\":") {
            scan.skipSpaces()
            guard !reading.sku.isPresent, scan.take("\""), let name = scan.name(), scan.take("\"") else { return false }
            reading.sku = name
            return true
        }
        guard reading.quantity == 0, scan.take("\"quantity\":") else { return false }
        scan.skipSpaces()
        guard let quantity = scan.digits(), (1...Limits.quantityMax).contains(quantity) else { return false }
        reading.quantity = quantity
        return true
    }
}

// MARK: Requests without a body

extension FastPathReader {
    private struct PlainReading {
        var target: FastPathPlain.Target
        var entityTag = FastPathPurchase.Span()
        var origin = FastPathPurchase.Span()
        var requestID = FastPathPurchase.Span()
        var trace = FastPathPurchase.Span()
        var asksForMethod = false
        var hasHost = false
        var hasConnection = false
    }

    private func nextPlain(from buffer: inout ByteBuffer) -> FastPathPlain? {
        guard let (reading, count) = readPlain(buffer.readableBytesSpan), let bytes = buffer.readSlice(length: count) else { return nil }
        return FastPathPlain(
            bytes: bytes, target: reading.target, entityTag: reading.entityTag, origin: reading.origin, requestID: reading.requestID,
            trace: reading.trace)
    }

    /// - Returns: also how many bytes the request is long.
    private func readPlain(_ bytes: RawSpan) -> (PlainReading, Int)? {
        var scan = ByteScan(bytes, countMax: Self.headBytesMax)
        guard let target = plainTarget(&scan), scan.take(" HTTP/1.1\r\n") else { return nil }
        var reading = PlainReading(target: target)
        var headers = 0
        while !scan.take("\r\n") {
            headers += 1
            guard headers <= Self.headersMax, let name = scan.token(), scan.take(":"), let value = scan.value() else { return nil }
            guard note(name, value, scan, in: &reading) else { return nil }
        }
        guard reading.hasHost else { return nil }
        if case .preflight = target, !reading.origin.isPresent || !reading.asksForMethod { return nil }
        return (reading, scan.offset)
    }

    private func plainTarget(_ scan: inout ByteScan) -> FastPathPlain.Target? {
        if scan.take("GET /v1/") {
            if scan.take("sales/") { return scan.name().map { .sale($0) } }
            return scan.take("time") ? .time : nil
        }
        return scan.take("OPTIONS ") ? scan.path().map { .preflight($0) } : nil
    }

    /// `false` when the header makes the request unusual.
    private func note(_ name: FastPathPurchase.Span, _ value: FastPathPurchase.Span, _ scan: borrowing ByteScan, in reading: inout PlainReading)
        -> Bool
    {
        func first(_ span: inout FastPathPurchase.Span) -> Bool {
            guard !span.isPresent, value.count > 0 else { return false }
            span = value
            return true
        }
        switch name.count {
        case 13 where scan.equalsIgnoringCase(name, "if-none-match"): return first(&reading.entityTag)
        case 29 where scan.equalsIgnoringCase(name, "access-control-request-method"):
            reading.asksForMethod = true
            return true
        default: break
        }
        switch header(name, scan) {
        case .host:
            guard !reading.hasHost, scan.isHost(value) else { return false }
            reading.hasHost = true
        case .connection:
            guard !reading.hasConnection, scan.equals(value, "keep-alive") else { return false }
            reading.hasConnection = true
        case .origin: return first(&reading.origin)
        case .requestID: return !isBehindProxy || first(&reading.requestID)
        case .trace: return !isBehindProxy || first(&reading.trace)
        // A body, or what changes how the request is read.
        case .contentLength, .unusual: return false
        case .contentType, .credential, .key, .forwardedFor, .prefer, .fetchSite, .ignored: break
        }
        return true
    }
}
