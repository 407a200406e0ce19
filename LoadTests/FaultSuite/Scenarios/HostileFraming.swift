extension Scenario {
    static let hostileFraming = [
        Scenario("T30", "mutated requests, straight to the port", bar: "at most one answer each, no 5xx but 501, 503 and 505", framing)
    ]

    private static func framing(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 5_000, limitPerUser: 1_000))) { stack in
            let node = stack.nodes[0]
            try await mutated(trial, node)
            try await stillSells(trial, node)
        }
    }

    /// Two good requests on one connection with a few bytes changed: never more than two answers,
    /// never a 5xx but 501 and 505.
    private static func mutated(_ trial: Trial, _ node: NodeProcess) async throws {
        let purchase =
            "POST /v1/sales/flash/orders HTTP/1.1\r\nHost: a\r\nX-User-Id: eve\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n1b\r\n{\"sku\":\"unit\",\"quantity\":1}\r\n0\r\n\r\n"
        let good = Array((purchase + "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").utf8)
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
