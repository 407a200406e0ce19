import Foundation
import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

/// What is answered on the event loop without a purchase: alike, whichever way it is read.
@Suite struct LoopPagesTests {
    private let front: FrontUnderTest

    init() throws {
        front = try FrontUnderTest(.trustedHeader, origins: "https://shop.example")
    }

    /// The answer to a request of the usual form, and to the same with a header that only the
    /// decoder reads; they must not differ.
    private func answer(_ line: String, _ headers: String...) throws -> Answer {
        let head = (["\(line) HTTP/1.1", "Host: h"] + headers).joined(separator: "\r\n")
        let quick = try Answer(front.answer(to: head + "\r\n\r\n"))
        let slow = try Answer(front.answer(to: head + "\r\nTE: trailers\r\n\r\n"))
        #expect(quick.comparable == slow.comparable)
        return quick
    }

    @Test func `a sale's page is public, cacheable and of the declared length`() throws {
        let answer = try answer("GET /v1/sales/demo", "Origin: https://evil.example")
        #expect(answer.status == 200)
        #expect(answer["cache-control"] == "public, max-age=1")
        #expect(answer["access-control-allow-origin"] == "*")
        #expect(answer["vary"] == nil)
        #expect(answer["etag"]?.hasPrefix("W/\"") == true)
        #expect(answer["content-length"] == "\(answer.body.utf8.count)")
        let sale = try answer.json()
        #expect(sale["sale"] as? String == "demo")
        #expect(sale["state"] as? String == "open")
        #expect((sale["items"] as? [[String: Any]])?.first?["available"] as? Int == 1_000_000)
    }

    @Test(arguments: [("gone", "sold_out"), ("halted", "paused")])
    func `the state is that of the moment`(sale: String, state: String) throws {
        #expect(try answer("GET /v1/sales/\(sale)").json()["state"] as? String == state)
    }

    @Test func `who has the page hears 304`() throws {
        let tag = try #require(try answer("GET /v1/sales/demo")["etag"])
        for condition in [tag, String(tag.dropFirst(2)), "\"x\", \(tag)", "\"x\",\(tag) , \"y\"", "*"] {
            let answer = try answer("GET /v1/sales/demo", "If-None-Match: \(condition)")
            #expect(answer.status == 304, "\(condition)")
            #expect(answer["etag"] == tag)
            #expect(answer["content-length"] == nil)
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer.body.isEmpty)
        }
        #expect(try answer("GET /v1/sales/demo", "If-None-Match: \"x\"").status == 200)
    }

    @Test func `nothing of one answer stands in the next`() throws {
        let head = "Host: h\r\n\r\n"
        let text = try front.answer(
            to: "GET /v1/sales/demo HTTP/1.1\r\n\(head)GET /v1/time HTTP/1.1\r\n\(head)GET /v1/sales/none HTTP/1.1\r\n\(head)")
        #expect(text.matches(of: #/HTTP\/1\.1 ([0-9]+)/#).map { String($0.1) } == ["200", "200", "404"])
    }

    @Test func `an unknown sale is told to everybody`() throws {
        let answer = try answer("GET /v1/sales/none")
        #expect(answer.status == 404)
        #expect(answer["access-control-allow-origin"] == "*")
        #expect(try answer.json()["code"] as? String == "unknown_sale")
    }

    @Test func `a head has the length and no body`() throws {
        for path in ["/v1/sales/demo", "/v1/sales/none", "/v1/time"] {
            let (whole, head) = (try answer("GET \(path)"), try answer("HEAD \(path)"))
            #expect(head.status == whole.status)
            #expect(head["content-length"].flatMap { Int($0) } != nil)
            #expect(head.body.isEmpty)
            #expect(head["etag"] == whole["etag"])
        }
    }

    @Test func `a query is not overlooked`() throws {
        for path in ["/v1/sales/demo?sku=a", "/v1/time?x"] {
            let answer = try answer("GET \(path)")
            #expect(answer.status == 422)
            #expect(try answer.json()["code"] as? String == "invalid_request")
        }
        #expect(try answer("GET /v1/time?").status == 200)
    }

    @Test func `the time is told, and kept by no cache`() throws {
        let answer = try answer("GET /v1/time")
        #expect(answer["cache-control"] == "no-store")
        #expect(answer["access-control-allow-origin"] == "*")
        #expect(answer["content-length"] == "\(answer.body.utf8.count)")
        let text = try #require(try answer.json()["server_time"] as? String)
        let told = try #require(Timestamp(rfc3339: text))
        #expect(abs(told.milliseconds - GrantingLane.now.milliseconds) < 600_000)
    }

    @Test func `a length fits with and without a fraction of a second`() {
        let page = SalePage(Sample.snapshot(available: 7))
        for milliseconds: Int64 in [0, 1, 999] {
            let now = Sample.now.advanced(milliseconds: milliseconds)
            for answer in [LoopAnswer.time, .sale(page, page.phase(at: now))] {
                var buffer = ByteBuffer()
                answer.write(requestID: .number(1), date: now.httpDate, at: now, isHead: false, closes: false, into: &buffer)
                let answer = Answer(String(buffer: buffer))
                #expect(answer["content-length"] == "\(answer.body.utf8.count)")
            }
        }
    }

    @Test func `a late event loop lets browsing go first`() throws {
        var limits = ConnectionLimits()
        limits.loopLagBrowsingMax = 0
        let late = try FrontUnderTest(.trustedHeader, limits: limits)
        let answer = Answer(try late.answer(to: "GET /v1/sales/demo HTTP/1.1\r\nHost: h\r\n\r\n"))
        #expect(answer.status == 503)
        #expect(answer["retry-after"] != nil)
    }

    // MARK: What browsers ask

    @Test func `a browser's question is answered whatever the path`() throws {
        for target in ["/v1/sales/demo/orders", "/v1/orders/x/cancel", "/nowhere?a=b"] {
            let answer = try answer(
                "OPTIONS \(target)", "Origin: https://shop.example", "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,idempotency-key")
            #expect(answer.status == 204)
            #expect(answer["access-control-allow-origin"] == "https://shop.example")
            #expect(answer["access-control-allow-methods"] == "GET, HEAD, POST")
            #expect(answer["access-control-allow-headers"] == "Authorization, Content-Type, Idempotency-Key, Prefer, If-None-Match")
            #expect(answer["access-control-max-age"] == "7200")
            #expect(answer["vary"] == "Origin, Access-Control-Request-Headers")
            #expect(answer["content-length"] == nil && answer.body.isEmpty)
            #expect(answer["access-control-allow-credentials"] == nil)
        }
    }

    @Test(arguments: ["https://evil.example", "null", "https://shop.example:444", "http://shop.example"])
    func `a foreign page hears nothing of it`(origin: String) throws {
        let answer = try answer("OPTIONS /v1/sales/demo/orders", "Origin: \(origin)", "Access-Control-Request-Method: POST")
        #expect(answer.status == 204)
        #expect(!answer.fields.keys.contains { $0.hasPrefix("access-control") })
    }

    @Test func `plain questions are told what a path answers to`() throws {
        for (path, allow) in [("/v1/sales/demo/orders", "POST, OPTIONS"), ("/v1/sales", "GET, HEAD, OPTIONS"), ("*", "GET, HEAD, POST, OPTIONS")] {
            let answer = try answer("OPTIONS \(path)", "Origin: https://shop.example")
            #expect(answer.status == 204)
            #expect(answer["allow"] == allow)
            #expect(answer["access-control-allow-origin"] == "https://shop.example")
        }
        #expect(try answer("OPTIONS /nowhere").status == 404)
    }

    @Test func `a purchase's answers may be read by the shop's page, refusals too`() throws {
        let body = #"{"sku":"phone-x","quantity":1}"#
        for (sale, headers, status) in [
            ("demo", "X-User-Id: anna\r\nIdempotency-Key: k\r\n", 201), ("demo", "X-User-Id: anna\r\n", 400), ("gone", "X-User-Id: anna\r\n", 409),
            ("halted", "X-User-Id: anna\r\n", 409), ("none", "X-User-Id: anna\r\n", 404), ("demo", "", 401),
        ] {
            for (origin, isShop) in [("https://shop.example", true), ("https://evil.example", false)] {
                for unusual in ["", "TE: trailers\r\n"] {
                    let text = try front.answer(
                        to:
                            "POST /v1/sales/\(sale)/orders HTTP/1.1\r\nHost: h\r\n\(headers)\(unusual)Origin: \(origin)\r\nContent-Length: 30\r\n\r\n\(body)"
                    )
                    let answer = Answer(text)
                    #expect(answer.status == status, "\(text)")
                    #expect(answer["access-control-allow-origin"] == (isShop ? "https://shop.example" : nil))
                    #expect(answer["vary"] == (isShop ? "Origin" : nil))
                    #expect(answer["access-control-expose-headers"]?.contains("Retry-After") == (isShop ? true : nil))
                    #expect(answer["content-length"] == "\(answer.body.utf8.count)")
                    if let id = answer["x-request-id"], status != 201 { #expect(try answer.json()["request_id"] as? String == id) }
                }
            }
        }
    }
}

/// The phase follows the clock, and the bytes the stock.
@Suite struct SalePageTests {
    @Test func `the tag stays while only the clock moves, and goes with the stock and the state`() {
        let (page, other) = (SalePage(Sample.snapshot(available: 7)), SalePage(Sample.snapshot(available: 6)))
        let (open, over) = (page.phase(at: Sample.now), page.phase(at: Sample.now.advanced(milliseconds: 3_600_000)))
        #expect(open == .open && over == .closed)
        #expect(page.tag(in: open) == SalePage(Sample.snapshot(available: 7)).tag(in: open))
        #expect(page.tag(in: open) != page.tag(in: over))
        #expect(page.tag(in: open) != other.tag(in: open))
        #expect(page.phase(at: Sample.now.advanced(milliseconds: -1_001)) == .notStarted)
    }

    @Test func `units that Redis does not know are not called sold out`() {
        #expect(SalePage(Sample.snapshot(available: nil)).phase(at: Sample.now) == .open)
        #expect(SalePage(Sample.snapshot(available: 0)).phase(at: Sample.now) == .soldOut)
    }

    @Test func `only what changed is written again, and what is no more is gone`() {
        let pages = SalePages()
        let (demo, id) = (Sample.snapshot(available: 7), SaleID("demo")!)
        pages.update([id: demo])
        let first = pages.page(of: "demo")
        pages.update([id: demo])
        #expect(first != nil && pages.page(of: "demo") === first)
        pages.update([id: Sample.snapshot(available: 6)])
        #expect(pages.page(of: "demo") !== first)
        pages.update([:])
        #expect(pages.page(of: "demo") == nil && pages.all.isEmpty)
    }
}

/// An answer, taken apart.
struct Answer {
    var status = 0
    /// By their names in lower case.
    var fields: [String: String] = [:]
    var body: String

    init(_ text: String) {
        let parts = text.components(separatedBy: "\r\n\r\n")
        body = parts.dropFirst().joined(separator: "\r\n\r\n")
        for (index, line) in parts[0].components(separatedBy: "\r\n").enumerated() {
            if index == 0 { status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0 }
            let pair = line.split(separator: ":", maxSplits: 1)
            if index > 0, pair.count == 2 { fields[pair[0].lowercased(), default: ""] += pair[1].trimmingCharacters(in: .whitespaces) }
        }
    }

    subscript(name: String) -> String? { fields[name] }

    /// Without what differs each time.
    var comparable: String {
        let fields = fields.filter { !["x-request-id", "date", "content-length"].contains($0.key) }
        let body = body.replacing(#/"request_id":"[^"]*"/#, with: "").replacing(#/"server_time":"[^"]*"/#, with: "")
        return "\(status) \(fields.sorted { $0.key < $1.key }) \(body)"
    }

    func json() throws -> [String: Any] { try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) }
}
