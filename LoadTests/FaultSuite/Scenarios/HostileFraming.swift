extension Scenario {
    static let hostileFraming = [
        Scenario(
            "T30", "malformed requests and mutated chunks, straight to the port", bar: "400 (or 501, 505) and closed, 0 requests too many", framing)
    ]

    private static let body = "{\"sku\":\"unit\",\"quantity\":1}"
    /// What a smuggler hides behind the ambiguity: were it read as a request, there would be a second answer.
    private static let hidden = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let line = "POST /v1/sales/flash/orders HTTP/1.1\r\n"
    private static let fields = "Host: a\r\nX-User-Id: eve\r\nContent-Type: application/json\r\n"

    private static let chunked = "\(line)\(fields)Transfer-Encoding: chunked\r\n"
    private static let refused: Set<Int> = [400, 501, 505]

    private static let malformed: [(name: String, text: String, statuses: Set<Int>)] = [
        ("length and chunked", "\(line)\(fields)Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)", refused),
        ("xchunked", "\(line)\(fields)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n\(hidden)", refused),
        ("identity and length", "\(line)\(fields)Transfer-Encoding: identity\r\nContent-Length: 27\r\n\r\n\(body)\(hidden)", refused),
        ("space before the colon", "\(line)\(fields)Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n\(hidden)", refused),
        ("vertical tab before chunked", "\(line)\(fields)Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n\(hidden)", refused),
        ("chunked twice", "\(line)\(fields)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)", refused),
        ("chunked, chunked", "\(line)\(fields)Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n\(hidden)", refused),
        ("length +27", "\(line)\(fields)Content-Length: +27\r\n\r\n\(body)\(hidden)", refused),
        ("length 0x1B", "\(line)\(fields)Content-Length: 0x1B\r\n\r\n\(body)\(hidden)", refused),
        ("empty length", "\(line)\(fields)Content-Length: \r\n\r\n\(hidden)", refused),
        ("length beyond 64 bits", "\(line)\(fields)Content-Length: 99999999999999999999\r\n\r\n\(body)", [400, 413]),
        ("two lengths", "\(line)\(fields)Content-Length: 27\r\nContent-Length: 5\r\n\r\n\(body)\(hidden)", refused),
        ("one length twice", "\(line)\(fields)Content-Length: 27\r\nContent-Length: 27\r\n\r\n\(body)\(hidden)", refused),
        ("length 27, 27", "\(line)\(fields)Content-Length: 27, 27\r\n\r\n\(body)\(hidden)", refused),
        ("bare line feeds", "\(line)\(fields)Content-Length: 27\n\n\(body)\(hidden)", refused),
        ("bare line feed after the request line", "GET /livez HTTP/1.1\nHost: a\r\n\r\n\(hidden)", refused),
        ("folded header", "\(line)\(fields)X-Fold: a\r\n b\r\nContent-Length: 27\r\n\r\n\(body)\(hidden)", refused),
        ("line feed after a chunk size", "\(chunked)\r\n1b\n\(body)\r\n0\r\n\r\n\(hidden)", refused),
        ("line feed in a chunk extension", "\(chunked)\r\n1b;a\nb\r\n\(body)\r\n0\r\n\r\n\(hidden)", refused),
        ("chunk size 0x1b", "\(chunked)\r\n0x1b\r\n\(body)\r\n0\r\n\r\n\(hidden)", refused),
        ("chunk size beyond 64 bits", "\(chunked)\r\nfffffffffffffffff\r\n\(body)\r\n0\r\n\r\n\(hidden)", [400, 413]),
        ("negative chunk size", "\(chunked)\r\n-1b\r\n\(body)\r\n0\r\n\r\n\(hidden)", refused),
        ("NUL in a value", "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\u{00}b\r\n\r\n\(hidden)", refused),
        ("lone carriage return in a value", "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n\(hidden)", refused),
        ("two hosts", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n\(hidden)", refused),
        ("no host", "GET /livez HTTP/1.1\r\n\r\n\(hidden)", refused), ("HTTP/0.9", "GET /livez\r\n\(hidden)", refused),
        ("HTTP/9.9", "GET /livez HTTP/9.9\r\nHost: a\r\n\r\n\(hidden)", refused),
        ("a space in the target", "GET /live z HTTP/1.1\r\nHost: a\r\n\r\n\(hidden)", refused),
        ("a fragment in the target", "GET /livez#x HTTP/1.1\r\nHost: a\r\n\r\n\(hidden)", refused),
        ("a header without a name", "GET /livez HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n\(hidden)", refused),
    ]

    /// Well-formed, but nothing that exists: one answer each, and the connection may live.
    private static let strange: [(name: String, text: String, statuses: Set<Int>)] = [
        ("method FOO", "FOO /v1/sales HTTP/1.1\r\nHost: a\r\n\r\n", [400, 405, 501]),
        ("method get", "get /livez HTTP/1.1\r\nHost: a\r\n\r\n", [400, 405, 501]),
        ("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", [400, 404, 405, 501]),
        ("TRACE", "TRACE /livez HTTP/1.1\r\nHost: a\r\n\r\n", [400, 405, 501]),
        ("dot segments", "GET /v1/../metrics HTTP/1.1\r\nHost: a\r\n\r\n", [400, 404]),
        ("encoded dot segments", "GET /v1/..%2fmetrics HTTP/1.1\r\nHost: a\r\n\r\n", [400, 404]),
        ("the admin's metrics", "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
    ]

    private static func framing(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 5_000, limitPerUser: 1_000))) { stack in
            let node = stack.nodes[0]
            for (name, text, statuses) in malformed {
                trial.injected("request: \(name)")
                let connection = try await RawConnection.open(port: node.port)
                connection.post(Array(text.utf8))
                let isClosed = try await connection.waitUntilClosed(within: .seconds(2))
                let got = connection.responses
                got.forEach { trial.answered("\($0)") }
                trial.check("malformed_is_refused", got.count == 1 && statuses.contains(got[0]), "\(name): \(got)")
                trial.check("closed_after_refusal", isClosed, "\(name): \(isClosed ? "closed" : "left open")")
                await connection.close()
            }
            for (name, text, statuses) in strange {
                let connection = try await RawConnection.open(port: node.port)
                connection.post(Array(text.utf8))
                try await connection.waitForResponses()
                let got = connection.responses
                trial.check("strange_is_answered", got.count == 1 && statuses.contains(got[0]), "\(name): \(got)")
                await connection.close()
            }
            let untouched = try await SaleBooks.read(stack)
            trial.check("no_order_from_malformed", untouched.orders.isEmpty, "\(untouched.orders.count) orders")
            try await mutated(trial, node)
            try await stillSells(trial, node)
        }
    }

    /// Two good requests on one connection with a few bytes changed: never more than two answers, never a 5xx but 501 and 505.
    private static func mutated(_ trial: Trial, _ node: Node) async throws {
        let good = Array("\(chunked)\r\n1b\r\n\(body)\r\n0\r\n\r\n\(hidden)".utf8)
        var answers: [Int: Int] = [:]
        for _ in 0..<trial.scaled(400, atLeast: 60) {
            var bytes = good
            for _ in 0..<trial.pick(1...3) {
                let place = trial.pick(0...bytes.count - 1)
                switch trial.pick(0...2) {
                case 0: bytes[place] = UInt8(trial.pick(0...255))
                case 1: bytes.remove(at: place)
                default: bytes.insert(trial.pick([0x0D, 0x0A, 0x20, 0x3A, 0x30, 0x00, 0x2C]), at: place)
                }
            }
            let connection = try await RawConnection.open(port: node.port)
            await connection.send(bytes)
            try await connection.waitForResponses(2, within: .milliseconds(250))
            let got = connection.responses
            await connection.close()
            got.forEach { answers[$0, default: 0] += 1 }
            let isFine = got.count <= 2 && got.allSatisfy { $0 < 500 || $0 == 501 || $0 == 505 || $0 == 503 }
            if !isFine { trial.check("mutations_do_no_harm", false, "\(got): \(String(decoding: bytes, as: UTF8.self).debugDescription)") }
        }
        trial.injected("mutated requests")
        trial.check("mutations_do_no_harm", true, answers.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", "))
    }
}
