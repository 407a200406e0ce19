import LoadModel
import SaleCore
import Testing

@Suite struct PurchaseResponseTests {
    static let order = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    static let created = response(
        "201 Created", fields: "Location: /v1/orders/\(order)\r\nConnection: keep-alive\r\n",
        body: #"{"sale":"demo","id":"\#(order)","sku":"phone-x","quantity":1}"#)
    static let soldOut = response(
        "409 Conflict", fields: "Content-Type: application/problem+json\r\n",
        body: #"{"type":"t","title":"Sold out","status":409,"detail":"\"code\":\"x\"","extras":{"code":"inner","id":"i"},"code":"sold_out"}"#)

    static func response(_ status: String, fields: String, body: String) -> String {
        "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func read(_ text: String) throws(MalformedResponse) -> PurchaseResponse? {
        try PurchaseResponse.read(Array(text.utf8).span)
    }

    @Test func orderIsReadOutOfACommittedAnswer() throws {
        let response = try #require(try Self.read(Self.created))
        #expect(response.status == 201)
        #expect(response.outcome == .committed)
        #expect(response.order == OrderID(Self.order))
        #expect(!response.closes)
        #expect(response.bytesCount == Self.created.utf8.count)
    }

    @Test(arguments: [("paid", .settled, .paid), ("lost", .unknown, nil)] as [(String, Outcome, OrderState?)])
    func stateIsReadOutOfWhatFollowsAPurchase(text: String, outcome: Outcome, state: OrderState?) throws {
        let body = "{\"id\":\"\(Self.order)\",\"state\":\"\(text)\"}"
        let response = try #require(try Self.read(Self.response("200 OK", fields: "", body: body)))
        #expect(response.followUpOutcome == outcome)
        #expect(response.state == state)
    }

    @Test func codeOfTheProblemItselfIsReadAndNoOther() throws {
        let response = try #require(try Self.read(Self.soldOut))
        #expect(response.code == "sold_out")
        #expect(response.outcome == .soldOut)
    }

    @Test(arguments: [created, soldOut])
    func everyBeginningOfAnAnswerIsIncomplete(text: String) throws {
        let bytes = Array(text.utf8)
        for count in bytes.indices {
            #expect(try PurchaseResponse.read(Array(bytes.prefix(count)).span) == nil, "\(count) bytes")
        }
    }

    @Test func bytesOfTheNextAnswerAreLeftAlone() throws {
        let response = try #require(try Self.read(Self.soldOut + Self.created))
        #expect(response.bytesCount == Self.soldOut.utf8.count)
    }

    @Test func closingIsNoticedInAnyCase() throws {
        #expect(try Self.read("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nCONNECTION: Close\r\n\r\n")?.closes == true)
    }

    @Test func reasonPhraseMayBeMissing() throws {
        #expect(try Self.read("HTTP/1.1 503\r\nContent-Length:0\r\n\r\n")?.outcome == .shed)
    }

    /// A 201 that names no order cannot be checked against the database.
    @Test(arguments: [#"{"sku":"phone-x"}"#, #"{"id":"17"}"#, #"{"order":{"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"}}"#, ""])
    func committedAnswerWithoutAnOrderIsUnknown(body: String) throws {
        #expect(try Self.read(Self.response("201 Created", fields: "", body: body))?.outcome == .unknown)
    }

    @Test(arguments: [
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 20x OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    ])
    func anythingElseIsMalformed(text: String) {
        #expect(throws: MalformedResponse.self) { try Self.read(text) }
    }

    @Test func endlessHeadIsMalformed() {
        #expect(throws: MalformedResponse.self) { try Self.read("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 20_000)) }
    }

    /// Random changes of honest answers: the reader ends, within the bytes, one way or another.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func noBytesMakeTheReaderFail(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var bytes = Array((Bool.random(using: &random) ? Self.created : Self.soldOut).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let response = try? PurchaseResponse.read(bytes.span)
            #expect((response?.bytesCount ?? 0) <= bytes.count, "seed \(seed)")
        }
    }
}
