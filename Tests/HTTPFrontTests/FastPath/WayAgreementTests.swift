import SaleCore
import Testing

@testable import HTTPFront

/// One purchase has one answer, whichever way its bytes are read and in however many pieces they
/// come.
@Suite struct WayAgreementTests {
    private static let user = "X-User-Id: anna"
    private static let token = "Authorization: Bearer a.b.anna"

    private static func request(_ headers: [String], sale: String = "demo", body: String = #"{"sku":"phone-x","quantity":1}"#) -> [UInt8] {
        Array((["POST /v1/sales/\(sale)/orders HTTP/1.1"] + headers + ["", body]).joined(separator: "\r\n").utf8)
    }

    /// The same with a header that only the decoder reads.
    private static func unusual(_ request: [UInt8]) -> [UInt8] {
        let end = request.firstIndex(of: UInt8(ascii: "\n"))! + 1
        return request[..<end] + Array("TE: trailers\r\n".utf8) + request[end...]
    }

    private struct Outcome: Equatable {
        var answer: String
        var asked: [String]
    }

    /// On a front of its own, so that every bucket is full.
    private static func outcome(_ pieces: [[UInt8]], usesTokens: Bool) throws -> Outcome {
        let front = try FrontUnderTest(
            usesTokens ? .jwt(TokenThatNamesItsUser()) : .trustedHeader, perAddress: RateLimit(rate: 1, burst: 2),
            proxies: TrustedProxies(FrontUnderTest.peer), origins: "https://shop.example")
        // One of two tokens of this buyer's address is gone: what is left tells whose bucket was
        // asked.
        _ = try front.answer(
            to: [request(["Host: h", usesTokens ? token : user, "X-Forwarded-For: 203.0.113.7", "Content-Length: 30"])])
        return Outcome(answer: comparable(try front.answer(to: pieces)), asked: Array(front.asked.dropFirst()))
    }

    private static func comparable(_ answer: String) -> String {
        answer.replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "ORDER")
            .replacing(#/X-Request-Id: [0-9a-f]{16}/#, with: "X-Request-Id: ID").replacing(#/"request_id":"[0-9a-f]{16}"/#, with: "ID")
            .replacing(#/Date: [^\r]*/#, with: "Date: NOW").replacing(#/Retry-After: [0-9]+/#, with: "Retry-After: SOON")
    }

    @Test(arguments: [
        [user + " "], [user + "\t"], ["X-User-Id:\t anna \t "], [token + " "], ["Authorization: \tBearer a.b.anna\t"], [user, "Idempotency-Key: k "],
        [user, "Idempotency-Key: \"k\"\t"], [user, "Content-Type: application/json "], [user, "Content-Type:\tapplication/json ; charset=utf-8 "],
        [user, "Content-Type: application/json\t;charset=utf-8"], [user, "Prefer: wait=1 "], [user, "X-Forwarded-For: 203.0.113.7 "],
        [user, "X-Forwarded-For:\t203.0.113.7:4711\t"], [user, "Connection: keep-alive "], [user, "X-Request-Id: edge-7 "],
        [user, "X-Request-Id:\t0123456789abcdef\t"], [user, "X-Request-Id: no id"], [user, "traceparent: 00-x "],
    ])
    func blanksAroundAValueAreNoPartOfIt(headers: [String]) throws {
        let usesTokens = headers[0].hasPrefix("Auth")
        for length in ["Content-Length: 30", "Content-Length: 30 ", "Content-Length:\t30  "] {
            let request = Self.request(["Host: shop "] + headers + [length])
            let whole = try Self.outcome([request], usesTokens: usesTokens)
            #expect(whole.answer.hasPrefix("HTTP/1.1 201 Created"), "\(whole.answer)")
            #expect(whole.asked.first?.hasPrefix("demo anna phone-x 1") == true)
            #expect(try Self.outcome([Self.unusual(request)], usesTokens: usesTokens) == whole)
            for split in 1..<request.count where split % 7 == 0 || request.count - split < 40 {
                #expect(
                    try Self.outcome([Array(request[..<split]), Array(request[split...])], usesTokens: usesTokens) == whole, "split at \(split)")
            }
        }
    }

    /// What cannot be read is told alike, wherever it is cut.
    @Test(arguments: [
        ("POSTS", "HTTP/1.1", "501"), ("POST", "HTTP/2.0", "505"), ("PRI", "HTTP/2.0", "505"), ("PO?T", "HTTP/1.1", "400"),
        ("POST", "HTTQ/1.1", "400"),
    ])
    func aFirstLineIsJudgedAsAWhole(method: String, version: String, status: String) throws {
        let line = "\(method) /v1/sales/demo/orders \(version)\r\n"
        let request = Array("\(line)Host: h\r\nContent-Length: 0\r\n\r\n".utf8)
        let whole = try Self.outcome([request], usesTokens: false)
        #expect(whole.answer.hasPrefix("HTTP/1.1 \(status) "), "\(whole.answer)")
        for split in 1..<request.count {
            #expect(try Self.outcome([Array(request[..<split]), Array(request[split...])], usesTokens: false) == whole, "split at \(split)")
        }
        #expect(try Self.outcome(request.map { [$0] }, usesTokens: false) == whole)
    }

    /// The decoder takes spaces behind a length and no tab, so the other way must not either.
    @Test func aTabBehindALengthIsRefusedBothWays() throws {
        for length in ["Content-Length: 30\t", "Content-Length: 30 \t "] {
            let request = Self.request(["Host: shop", Self.user, length])
            let whole = try Self.outcome([request], usesTokens: false)
            #expect(whole.answer.hasPrefix("HTTP/1.1 400 "))
            #expect(whole.asked.isEmpty)
            #expect(try Self.outcome([Array(request[..<60]), Array(request[60...])], usesTokens: false) == whole)
        }
    }

    @Test(arguments: [1, 2, UInt64.random(in: .min ... .max)], [false, true])
    func everyWayAndEverySplitAnswersAlike(seed: UInt64, usesTokens: Bool) throws {
        var random = SeededGenerator(seed: seed)
        for number in 0..<150 {
            let request = Self.draft(usesTokens: usesTokens, &random)
            let whole = try Self.outcome([request], usesTokens: usesTokens)
            var ways = [[Self.unusual(request)]]
            for _ in 0..<4 {
                let cut = Int.random(in: 1..<request.count, using: &random)
                let second = Int.random(in: cut...request.count, using: &random)
                ways.append([Array(request[..<cut]), Array(request[cut..<second]), Array(request[second...])].filter { !$0.isEmpty })
            }
            for way in ways {
                let other = try Self.outcome(way, usesTokens: usesTokens)
                try #require(
                    other == whole,
                    "seed \(seed), request \(number), in pieces of \(way.map(\.count)):\n\(String(decoding: request, as: UTF8.self))")
            }
        }
    }

    /// Mostly well, with every header that counts, and blanks wherever some client might put them.
    private static func draft(usesTokens: Bool, _ random: inout SeededGenerator) -> [UInt8] {
        func happens(_ share: Int) -> Bool { Int.random(in: 0..<1_000, using: &random) < share }
        func blanks() -> String { happens(700) ? "" : ["", " ", "\t", "  ", " \t ", "\t\t"].randomElement(using: &random)! }
        func header(_ name: String, _ value: String) -> String {
            "\(happens(800) ? name : name.lowercased()):\(happens(700) ? " " : blanks())\(value)\(blanks())"
        }
        let body = [
            #"{"sku":"phone-x","quantity":1}"#, #"{"quantity":2,"sku":"phone-x"}"#, #"{"sku": "phone-x", "quantity": 3}"#,
            #"{"sku":"phone-x","quantity":1.0}"#, #"{"sku":"-x","quantity":1}"#, #"{"sku":"phone-x","quantity":0}"#, #"{"sku":"phone-x"}"#,
        ][happens(700) ? 0 : Int.random(in: 0..<7, using: &random)]
        var headers = [header("Host", happens(950) ? "shop" : "a b"), header("Content-Length", "\(body.utf8.count)")]
        if happens(970) {
            headers.append(
                usesTokens
                    ? header(
                        "Authorization",
                        happens(900)
                            ? "Bearer a.b.anna" : ["Bearer  a.b.anna", "bearer a.b.anna", "Bearer", "Basic x"].randomElement(using: &random)!)
                    : header(
                        "X-User-Id",
                        happens(900) ? "anna" : ["", "an na", "an\tna", String(repeating: "a", count: 129)].randomElement(using: &random)!))
        }
        if happens(400) { headers.append(header("Idempotency-Key", ["k", "\"k\"", "\"\"", "k k", "\"k", "\"k \""].randomElement(using: &random)!)) }
        if happens(400) {
            headers.append(
                header(
                    "Content-Type",
                    ["application/json", "application/json", "application/json;charset=utf-8", "application/json ; a=b", "text/plain", ""]
                        .randomElement(
                            using: &random)!))
        }
        if happens(300) {
            headers.append(header("Prefer", ["wait=2", "respond-async", "wait=2 , respond-async", ""].randomElement(using: &random)!))
        }
        if happens(400) {
            headers.append(
                header(
                    "X-Forwarded-For",
                    ["203.0.113.7", "203.0.113.7:1", "1.1.1.1,203.0.113.7", "x", "", "[2001:db8::1]"].randomElement(using: &random)!))
        }
        if happens(300) {
            headers.append(header("X-Request-Id", ["edge-7", "0123456789abcdeF", "no id", "", "é", "a,b"].randomElement(using: &random)!))
        }
        if happens(100) {
            headers.append(header("traceparent", ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ""].randomElement(using: &random)!))
        }
        if happens(200) {
            headers.append(
                header("Origin", ["https://shop.example", "https://shop.example", "https://evil.example", "null", ""].randomElement(using: &random)!))
        }
        if happens(100) { headers.append(header("Sec-Fetch-Site", ["same-origin", "cross-site", ""].randomElement(using: &random)!)) }
        if happens(200) { headers.append(header("Connection", ["keep-alive", "close", "Keep-Alive"].randomElement(using: &random)!)) }
        if happens(50) { headers.append(headers.randomElement(using: &random)!) }
        return request(
            headers.shuffled(using: &random), sale: ["demo", "demo", "demo", "gone", "halted", "none", "-x"].randomElement(using: &random)!,
            body: body)
    }
}

private struct TokenThatNamesItsUser: BearerVerifier {
    func verdict(onBearer token: String, now: Timestamp) -> BearerVerdict {
        token.split(separator: ".").last.flatMap { UserID(String($0)) }.map { .user($0) } ?? .refused(.malformedToken)
    }

    func verify(bearer token: String, now: Timestamp) async throws(AuthFailure) -> UserID { throw .keysUnavailable }
}
