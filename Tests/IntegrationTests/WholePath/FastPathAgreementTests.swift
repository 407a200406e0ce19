import SaleCore
import SaleService
import ServerAssembly
import Simulation
import Testing

/// Purchases that are read straight from their bytes are answered as the decoder's way answers
/// them, byte for byte.
@Suite(.timeLimit(.minutes(5))) struct FastPathAgreementTests {
    /// After a chunked body nobody can tell where the decoder stands, and all that follows on the
    /// connection is its own.
    private static let decoderOnly = "GET /livez HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    /// Ends the connection; that it is answered at all shows that the request before it was read to
    /// its right end.
    private static let last = "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

    @Test(arguments: [1, 2, UInt64.random(in: .min ... .max)])
    func bothWaysAnswerAlike(seed: UInt64) async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100_000, limitPerUser: 2)
            let empty = try await stores.makeSale(stock: 0)
            let overrides = ["SECKILL_LIMIT_PER_IP": "off", "SECKILL_LIMIT_TOTAL": "off", "SECKILL_LIMIT_PER_USER": "100000/100000"]
            try await withService(over: stores, overrides) { service in
                try await service.sees(sale, "open")
                try await service.sees(empty, "sold_out")
                var random = SimulationRandom(seed: seed)
                for number in 0..<400 {
                    let draft = Draft(sales: [sale.rawValue, sale.rawValue, empty.rawValue, "nowhere"], &random)
                    // Three users, also where the damage makes one of their letters the same.
                    let (fastPath, decoded, split) = (
                        draft.bytes(user: "ex\(number)"), draft.bytes(user: "de\(number)"), draft.bytes(user: "pi\(number)")
                    )
                    let connections = (try RawConnection(to: service.address.port), try RawConnection(to: service.address.port))
                    let pieces = try RawConnection(to: service.address.port)
                    try connections.1.send(Self.decoderOnly)
                    _ = try await connections.1.read(until: "{\"status\":\"live\"}")
                    try connections.0.send(fastPath + Array(Self.last.utf8))
                    try connections.1.send(decoded + Array(Self.last.utf8))
                    // Mostly two reads: the answers to the other two are awaited between the
                    // pieces.
                    let cut = Int.random(in: 0..<split.count, using: &random)
                    try pieces.send(Array(split[..<cut]))
                    let (first, second) = (try await connections.0.readToEnd(), try await connections.1.readToEnd())
                    try pieces.send(Array(split[cut...]) + Array(Self.last.utf8))
                    let expected = Self.comparable(second)
                    try #require(Self.comparable(first) == expected, "seed \(seed), request \(number):\n\(String(decoding: fastPath, as: UTF8.self))")
                    let third = Self.comparable(try await pieces.readToEnd())
                    try #require(
                        third == expected, "seed \(seed), request \(number), cut at \(cut):\n\(String(decoding: split, as: UTF8.self))")
                }
            }
        }
    }

    /// What differs between any two answers: ids, instants, and how full a bucket is.
    private static func comparable(_ answer: String) -> String {
        answer.replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "ORDER")
            .replacing(#/X-Request-Id: [0-9a-f]{16}/#.ignoresCase(), with: "X-Request-Id: ID")
            .replacing(#/"request_id":"[0-9a-f]{16}"/#, with: "\"request_id\":\"ID\"")
            .replacing(#/Date: [^\r]*/#.ignoresCase(), with: "Date: NOW")
            .replacing(#/"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z"/#, with: "\"INSTANT\"")
            // An instant without a fraction is shorter.
            .replacing(#/Content-Length: [0-9]+/#.ignoresCase(), with: "Content-Length: N")
            .replacing(#/RateLimit: [^\r]*/#, with: "RateLimit: STATE")
    }
}

/// A purchase as some client might send it, mostly well.
private struct Draft {
    private let head: String
    private let headers: [String]
    private let body: String
    /// What a hasty client makes of the whole text.
    private let damage: (at: Double, byte: UInt8)?

    init(sales: [String], _ random: inout SimulationRandom) {
        let sale = random.pick(sales)
        let path =
            random.happens(930) ? "/v1/sales/\(sale)/orders" : random.pick(["/v1/sales/\(sale)/orders?a=b", "/v1/sales//orders", "/v1/orders"])
        head = (random.happens(970) ? "POST" : random.pick(["PUT", "GET", "POSTS"])) + " \(path) HTTP/1.\(random.happens(970) ? 1 : 0)"
        body =
            random.happens(750)
            ? #"{"sku":"phone-x","quantity":1}"#
            : random.pick([
                #"{"quantity":1,"sku":"phone-x"}"#, #"{"sku": "phone-x", "quantity": 2}"#, #"{ "sku":"phone-x","quantity":1}"#,
                #"{"sku":"phone-x","quantity":3}"#, #"{"sku":"phone-x","quantity":0}"#, #"{"sku":"phone-x","quantity":1e0}"#,
                #"{"sku":"phone-\u0078","quantity":1}"#, #"{"sku":"none","quantity":1}"#, #"{"sku":"phone-x"}"#, "", "{", "[]",
                #"{"sku":"phone-x","quantity":1,"more":[1,{"a":null}]}"#, #"{"sku":"Phone","quantity":"1"}"#,
            ])
        func blanks() -> String { random.happens(800) ? "" : random.pick([" ", "\t", "  ", " \t"]) }
        var headers = ["Host: h\(blanks())", "X-User-Id:\(blanks()) USER\(blanks())"]
        headers.append("Content-Length: \(random.happens(970) ? body.utf8.count : max(0, body.utf8.count - 1))\(blanks())")
        let extras = [
            "Content-Type: application/json", "content-type: application/json; charset=utf-8", "Content-Type: text/plain", "Accept: */*",
            "User-Agent: curl/8", "Idempotency-Key: \"k\"", "idempotency-key: k", "Idempotency-Key: a b", "Prefer: wait=1", "Prefer: respond-async",
            "Prefer: wait=0, respond-async", "X-Forwarded-For: 10.0.0.1", "Connection: keep-alive", "Connection: close", "X-Empty:", "X-User-Id: eve",
            "Host: i", "Content-Length: 30", "Expect: 100-continue", "Content-Encoding: gzip", "X-A:\t b \t", "X-Odd_name: 1", "X-A: caf\u{E9}",
            "Authorization: Bearer x", "TE: trailers", "X-A : b", "Cookie: a=b; c=\"d\"",
        ]
        for _ in 0..<Int.random(in: 0...4, using: &random) { headers.append(random.pick(extras) + blanks()) }
        self.headers = headers.shuffled(using: &random)
        damage = random.happens(120) ? (Double.random(in: 0..<1, using: &random), UInt8.random(in: .min ... .max, using: &random)) : nil
    }

    func bytes(user: String) -> [UInt8] {
        let text = ([head] + headers).joined(separator: "\r\n").replacing("USER", with: user) + "\r\n\r\n" + body
        var bytes = Array(text.utf8)
        if let damage { bytes[Int(damage.at * Double(bytes.count))] = damage.byte }
        return bytes
    }
}
