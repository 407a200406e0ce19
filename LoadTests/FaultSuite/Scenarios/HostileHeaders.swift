import LoadSupport

extension Scenario {
    static let hostileHeaders = [
        Scenario("T31", "header floods: many, large, never ending", bar: "431 or 400, 0 crashes, memory bounded", headers),
        Scenario(
            "T33", "connections: 1,500 idle, half of them reset, then again", bar: "a normal client is served, descriptors come back", connections),
    ]

    private static func headers(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 100))) { stack in
            let node = stack.nodes[0]
            let before = node.figures?.residentBytes ?? 0
            func many(_ count: Int) -> [UInt8] {
                Array("GET /livez HTTP/1.1\r\nHost: a\r\n\((0..<count).map { "a\($0): b\r\n" }.joined())\r\n".utf8)
            }
            func large(_ bytes: Int) -> [UInt8] {
                Array("GET /livez HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: bytes))\r\n\r\n".utf8)
            }
            for (name, bytes) in [
                ("100 small", many(100)), ("256 small", many(256)), ("1,000 small", many(1_000)), ("100,000 small", many(100_000)),
                ("one of 80 KiB", large(80 << 10)),
                ("one of 1 MiB", large(1 << 20)),
                ("a target of 64 KiB", Array("GET /\(String(repeating: "x", count: 64 << 10)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)),
            ] {
                trial.injected("headers: \(name)")
                let connection = try await RawConnection.open(port: node.port)
                connection.post(bytes)
                try await connection.waitForResponses()
                let got = connection.responses
                got.forEach { trial.answered("\($0)") }
                // The answer may be lost when the server ends a connection on which bytes still
                // arrive.
                let isFine = got.isEmpty ? connection.isClosed : got.count == 1 && [400, 414, 431].contains(got[0])
                trial.check("floods_are_refused", isFine, "\(name): \(got)\(connection.isClosed ? ", closed" : "")")
                await connection.close()
            }
            let pieces = [("one line that does not end", "x"), ("lines that do not end", "a: b\r\n")]
            for (name, piece) in pieces {
                trial.injected("headers: \(name)")
                let connection = try await RawConnection.open(port: node.port)
                await connection.send(Array("GET /livez HTTP/1.1\r\nHost: a\r\nX: ".utf8))
                let block = Array(String(repeating: piece, count: 16_384).utf8)
                for _ in 0..<1_024 { guard await connection.send(block), !connection.isClosed else { break } }
                let isClosed = try await connection.waitUntilClosed(within: .seconds(3))
                trial.check("endless_headers_are_cut_off", isClosed, "\(name): \(connection.responses)\(isClosed ? ", closed" : "")")
                await connection.close()
            }
            boundedMemory(trial, node, before: before)
            try await stillSells(trial, node)
        }
    }

    private static func connections(_ trial: Trial) async throws {
        let count = trial.scaled(1_500, atLeast: 300)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 100))) { stack in
            let node = stack.nodes[0]
            let before = node.figures ?? ProcessFigures(residentBytes: 0, descriptors: 0, cpuSeconds: 0)
            for round in 0..<2 {
                var idle: [RawConnection] = []
                for _ in 0..<count { idle.append(try await RawConnection.open(port: node.port)) }
                trial.injected("\(count) idle connections")
                trial.figureMax("descriptors_at_most", Double(node.figures?.descriptors ?? 0))
                // Half of them have sent half a request.
                for connection in idle where trial.pick([true, false]) { connection.post(Array("GET /liv".utf8)) }
                try await stillSells(trial, node)
                for (index, connection) in idle.enumerated() {
                    if (index + round) % 2 == 0 { await connection.reset() } else { await connection.close() }
                }
            }
            let isBack = try await eventually(within: .seconds(15), every: .milliseconds(100)) {
                (node.figures?.descriptors ?? .max) <= before.descriptors + 24
            }
            trial.check("descriptors_come_back", isBack, "\(before.descriptors) before, \(node.figures?.descriptors ?? -1) after")
            boundedMemory(trial, node, before: before.residentBytes, growthMax: 160 << 20)
            try await stillSells(trial, node)
        }
    }
}
