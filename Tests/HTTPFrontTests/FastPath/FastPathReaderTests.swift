import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct FastPathReaderTests {
    private static let body = #"{"sku":"phone-x","quantity":1}"#

    private static func request(_ headers: String = "", body: String = body, user: String = "X-User-Id: ann\r\n") -> String {
        "POST /v1/sales/demo/orders HTTP/1.1\r\nHost: shop.example\r\n\(user)\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func read(_ text: String, usesTokens: Bool = false, isBehindProxy: Bool = false) -> (purchase: FastPathPurchase?, left: String) {
        var buffer = ByteBuffer(string: text)
        let request = FastPathReader(usesTokens: usesTokens, isBehindProxy: isBehindProxy).next(from: &buffer)
        let purchase: FastPathPurchase? = if case .purchase(let purchase)? = request { purchase } else { nil }
        return (purchase, String(buffer: buffer))
    }

    @Test func theUsualPurchaseIsReadWithAllItsParts() throws {
        let headers = "Content-Type: application/json\r\nIdempotency-Key: \"k-1\"\r\nPrefer: wait=2\r\nX-Forwarded-For: 10.0.0.1\r\n"
        let (purchase, left) = read(Self.request(headers) + "GET", isBehindProxy: true)
        let found = try #require(purchase)
        #expect(left == "GET")
        #expect(found.text(found.sale) == "demo")
        #expect(found.text(found.credential) == "ann")
        #expect(found.text(found.forwardedFor) == "10.0.0.1")
        #expect(found.hasKey)
        let terms = try found.terms()
        #expect(terms.sku.rawValue == "phone-x")
        #expect(terms.quantity == 1)
        #expect(terms.key?.rawValue == "k-1")
        #expect(terms.preference.waitSeconds == 2)
    }

    /// What browsers, proxies and HTTP libraries send.
    @Test(arguments: [
        request(), request("content-type: application/json\r\n"), request("Content-Type: application/json; charset=utf-8\r\n"),
        request("CONTENT-TYPE:application/json\r\n"), request("Connection: keep-alive\r\n"),
        request("Accept: */*\r\nAccept-Encoding: gzip, br\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"),
        request("User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nCookie: a=b; c=d\r\nSec-Fetch-Mode: cors\r\n"),
        request("X-Forwarded-Proto: https\r\nVia: 1.1 edge\r\nX-Empty:\r\n"), request("Authorization: Bearer abc\r\n"),
        request(body: #"{"quantity":2,"sku":"a"}"#), request(body: #"{"sku": "phone-x", "quantity": 1000}"#),
        request("Idempotency-Key: bare\r\n"),
    ])
    func usualFormsAreTaken(text: String) {
        let (purchase, left) = read(text)
        #expect(purchase != nil)
        #expect(left.isEmpty)
    }

    /// Some are wrong, some are not: none is for this reader.
    @Test(arguments: [
        "", "P", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", request().replacing("POST", with: "PUT"), request().replacing("1.1", with: "1.0"),
        request().replacing("/orders", with: "/orders?a=b"), request().replacing("demo", with: "a%20b"), request().replacing("demo", with: "a/b"),
        request().replacing("demo", with: "http://h/"), request().replacing("Host: shop.example\r\n", with: ""),
        request().replacing("shop.example", with: "a,b"), request("Host: again\r\n"), request("X-User-Id: bob\r\n"), request(user: ""),
        request(user: "X-User-Id: a b\r\n"), request(user: "X-User-Id:\r\n"), request("Content-Length: 30\r\n"),
        request("Transfer-Encoding: chunked\r\n"), request("Expect: 100-continue\r\n"), request("Upgrade: h2c\r\n"),
        request("Connection: close\r\n"), request("Connection: Keep-Alive\r\n"), request("Content-Encoding: gzip\r\n"),
        request("Content-Type: text/plain\r\n"), request("Content-Type: Application/JSON\r\n"),
        request("Idempotency-Key: a\r\nIdempotency-Key: b\r\n"),
        request("Idempotency-Key: a b\r\n"), request("Idempotency-Key: \"\"\r\n"), request("Prefer: wait=1\r\nPrefer: wait=2\r\n"),
        request("X-A : b\r\n"), request(" folded\r\n"), request("X-A: \u{7}\r\n"), request("X-A: é\r\n"), request("X_A: b\r\n"), request("X-A: b\n"),
        request().replacing("\r\n", with: "\n"), request().replacing("Content-Length: 30", with: "Content-Length: 030"),
        request().replacing("Content-Length: 30", with: "Content-Length: +30"), request().replacing("Content-Length: 30", with: "Content-Length: 31"),
        request().replacing("Content-Length: 30", with: "Content-Length: 29"), request(body: "{}"), request(body: #"{"sku":"phone-x"}"#),
        request(body: #"{"sku":"phone-x","sku":"phone-x","quantity":1}"#), request(body: #"{"sku":"phone-x","quantity":1,"quantity":1}"#),
        request(body: #"{"sku":"phone-x","quantity":0}"#), request(body: #"{"sku":"phone-x","quantity":01}"#),
        request(body: #"{"sku":"phone-x","quantity":1001}"#), request(body: #"{"sku":"phone-x","quantity":1.0}"#),
        request(body: #"{"sku":"phone-x","quantity":-1}"#), request(body: #"{"sku":"Phone","quantity":1}"#),
        request(body: #"{"sku":"-x","quantity":1}"#), request().replacing("demo", with: ".."),
        request(body: #"{"sku":"a\u0061","quantity":1}"#), request(body: #"{"sku":"phone-x","quantity":1,"a":1}"#),
        request(body: #"{"sku":"phone-x","quantity":1}x"#), request(body: #"[{"sku":"phone-x","quantity":1}]"#),
        request(String(repeating: "X-A: b\r\n", count: 60)), request("X-A: \(String(repeating: "b", count: 7_000))\r\n"),
    ])
    func anythingElseIsLeftToTheDecoder(text: String) {
        let (purchase, left) = read(text)
        #expect(purchase == nil)
        #expect(left == text)
    }

    @Test func aTokenIsWantedWhereTokensSayWhoBuys() {
        let token = Self.request(user: "Authorization: Bearer a.b.c\r\n")
        #expect(read(token, usesTokens: true).purchase.map { $0.text($0.credential) } == "Bearer a.b.c")
        #expect(read(token).purchase == nil)
        #expect(read(Self.request(), usesTokens: true).purchase == nil)
        for value in ["Basic abc", "bearer abc", "Bearer", "Bearer  abc", "Bearer a b"] {
            #expect(read(Self.request(user: "Authorization: \(value)\r\n"), usesTokens: true).purchase == nil, "\(value)")
        }
    }

    @Test func addressesAreReadOnlyFromATrustedProxy() throws {
        let request = Self.request("X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n")
        let purchase = try #require(read(request).purchase)
        #expect(!purchase.forwardedFor.isPresent)
        #expect(read(request, isBehindProxy: true).purchase == nil)
    }

    /// No piece of a purchase is one, and none is read past its end.
    @Test func everyShorterPieceIsLeftToTheDecoder() {
        let request = Array(Self.request("Content-Type: application/json\r\nIdempotency-Key: \"k\"\r\n").utf8)
        for count in 0..<request.count {
            var buffer = ByteBuffer(bytes: request[..<count])
            #expect(FastPathReader(usesTokens: false, isBehindProxy: true).next(from: &buffer) == nil)
            #expect(buffer.readableBytes == count)
        }
    }

    /// Bytes that a seed makes of a purchase: nothing traps, and what is taken begins as a purchase
    /// does.
    @Test(arguments: [1, 2, 3, UInt64.random(in: .min ... .max)])
    func noiseIsTakenByNobody(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let request = Array(Self.request("Content-Type: application/json\r\nConnection: keep-alive\r\n").utf8)
        for _ in 0..<20_000 {
            var bytes = request
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
                }
            }
            var buffer = ByteBuffer(bytes: bytes)
            guard case .purchase(let purchase)? = FastPathReader(usesTokens: false, isBehindProxy: true).next(from: &buffer) else { continue }
            #expect(bytes.starts(with: "POST /v1/sales/".utf8), "seed \(seed)")
            #expect((1...1_000).contains(try purchase.terms().quantity), "seed \(seed)")
        }
    }

    /// A name or a key that the domain does not take goes the ordinary way: it is neither trapped
    /// on nor left out.
    @Test func whatTheDomainDoesNotTakeIsRefusedAsTheOrdinaryWayRefusesIt() throws {
        let request = Self.request("Idempotency-Key: k-1\r\n", body: #"{"sku":"Phone","quantity":1}"#)
        func span(_ text: String) throws -> FastPathPurchase.Span {
            let start = request.utf8.distance(from: request.startIndex, to: try #require(request.firstRange(of: text)).lowerBound)
            return FastPathPurchase.Span(start: UInt16(start), count: UInt16(text.utf8.count))
        }
        func purchase(sku: String, key: String) throws -> FastPathPurchase {
            FastPathPurchase(
                bytes: ByteBuffer(string: request), sale: try span("demo"), credential: try span("ann"), key: try span(key),
                forwardedFor: FastPathPurchase.Span(), requestID: FastPathPurchase.Span(), trace: FastPathPurchase.Span(),
                prefer: FastPathPurchase.Span(), sku: try span(sku),
                body: try span(#"{"sku":"Phone","quantity":1}"#), quantity: 1, origin: FastPathPurchase.Span(), isFromBrowser: false)
        }
        let badName = #expect(throws: Problem.self) { try purchase(sku: "Phone", key: "k-1").terms() }
        #expect(badName?.code == .invalidRequest)
        #expect(badName?.detail?.hasPrefix("sku must be") == true)
        let badKey = #expect(throws: Problem.self) { try purchase(sku: "hone", key: ": k-1").terms() }
        #expect(badKey?.detail?.hasPrefix("Idempotency-Key must") == true)
        #expect(try purchase(sku: "hone", key: "k-1").terms().sku.rawValue == "hone")
    }
}
