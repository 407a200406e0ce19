extension Scenario {
    static let hostileBodies = [
        Scenario("T29", "bodies: huge, endless, compressed, of another type", bar: "4xx, memory bounded, no order", bodies)
    ]

    private static let head = "POST /v1/sales/flash/orders HTTP/1.1\r\nHost: a\r\nX-User-Id: eve\r\nContent-Type: application/json\r\n"

    private static func whole(_ body: [UInt8], type: String = "") -> [UInt8] {
        Array("\(head)\(type)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static func whole(_ body: String, type: String = "") -> [UInt8] { whole(Array(body.utf8), type: type) }

    private static func bodies(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 100, limitPerUser: 100))) { stack in
            let node = stack.nodes[0]
            let before = node.figures?.residentBytes ?? 0
            let cases: [(name: String, bytes: [UInt8], statuses: Set<Int>)] = [
                (
                    "gzip", whole([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 64), type: "Content-Encoding: gzip\r\n"),
                    [400, 415]
                ),
                ("100,000 brackets", whole(String(repeating: "[", count: 100_000)), [413]),
                ("a string of 1 MB", whole("{\"sku\":\"\(String(repeating: "x", count: 1 << 20))\",\"quantity\":1}"), [413]),
                ("another type", Array("\(head.replacing("application/json", with: "text/plain"))Content-Length: 2\r\n\r\n{}".utf8), [415]),
            ]
            for (name, bytes, statuses) in cases {
                trial.injected("body: \(name)")
                let connection = try await RawConnection.open(port: node.port)
                connection.post(bytes)
                try await connection.waitForResponses()
                let got = connection.responses
                got.forEach { trial.answered("\($0)") }
                trial.check("bodies_are_refused", got.count == 1 && statuses.contains(got[0]), "\(name): \(got)")
                await connection.close()
            }
            try await endless(trial, node)
            boundedMemory(trial, node, before: before)
            let books = try await SaleBooks.read(stack)
            trial.check("no_order", books.orders.isEmpty, "\(books.orders.count) orders")
            try await stillSells(trial, node)
        }
    }

    /// A chunked body that does not end, as fast as it is taken, up to 64 MB.
    private static func endless(_ trial: Trial, _ node: NodeProcess) async throws {
        trial.injected("body: endless chunks")
        let connection = try await RawConnection.open(port: node.port)
        await connection.send(Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8))
        let chunk = Array("4000\r\n".utf8) + [UInt8](repeating: 0x20, count: 0x4000) + Array("\r\n".utf8)
        for _ in 0..<4_096 { guard await connection.send(chunk), !connection.isClosed else { break } }
        let isClosed = try await connection.waitUntilClosed(within: .seconds(3))
        trial.check("endless_body_is_cut_off", isClosed, "answers \(connection.responses), \(isClosed ? "" : "not ")closed")
        await connection.close()
    }

    static func boundedMemory(_ trial: Trial, _ node: NodeProcess, before: Int, growthMax: Int = 96 << 20) {
        boundedMemory(trial, before: before, after: node.figures?.residentBytes ?? Int.max / 2, growthMax: growthMax)
    }

    /// After all that, an honest buyer buys.
    static func stillSells(_ trial: Trial, _ node: NodeProcess) async throws {
        let answer = try await withWebClient { try await node.buy($0, user: "honest-\(trial.pick(0...999_999))", timeout: .seconds(10)) }
        trial.answered(answer.summary)
        trial.check("still_sells", answer.status == 201 || answer.status == 202, answer.summary)
        trial.check("still_runs", node.isRunning, node.isRunning ? "running" : "the process has ended")
    }
}
