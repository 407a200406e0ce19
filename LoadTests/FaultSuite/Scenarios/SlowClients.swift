import LoadSupport
import NIOHTTP1

extension Scenario {
    static let slowClients = [
        Scenario(
            "T27", "slow headers, slow bodies and slow readers, hundreds of them",
            bar: "a normal client is served, all of them dropped within 15 s, memory bounded",
            slow)
    ]

    private static func slow(_ trial: Trial) async throws {
        let count = trial.scaled(300, atLeast: 60)
        // Many items make long answers: the kernel takes megabytes for a connection before the
        // service notices that nobody reads them.
        var sale = SalePlan(stock: 1_000, limitPerUser: 1_000)
        sale.items += (0..<150).map { SalePlan.Item(sku: "other-\($0)", stock: 1) }
        try await withStack(trial, StackPlan(sale: sale)) { stack in
            let node = stack.nodes[0]
            let calm = try await probe(node, 60)
            let (before, descriptors) = (node.figures?.residentBytes ?? 0, node.figures?.descriptors ?? 0)
            // A client that reads nothing does not notice that it was dropped: the service's own
            // descriptors tell it.
            func isAlone() -> Bool { (node.figures?.descriptors ?? .max) <= descriptors + 16 }
            var senders: [RawConnection] = []
            for _ in 0..<count {
                let header = try await RawConnection.open(port: node.port)
                header.post(Array("POST /v1/sales/flash/orders HTTP/1.1\r\nHost: a\r\nX: ".utf8))
                let body = try await RawConnection.open(port: node.port)
                body.post(
                    Array(
                        "POST /v1/sales/flash/orders HTTP/1.1\r\nHost: a\r\nX-User-Id: slow\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{"
                            .utf8))
                senders += [header, body]
            }
            trial.injected("\(count) slow headers and \(count) slow bodies")
            var readers: [RawConnection] = []
            let requests = Array(String(repeating: "GET /v1/sales/flash HTTP/1.1\r\nHost: a\r\n\r\n", count: 200).utf8)
            for _ in 0..<count / 4 {
                let reader = try await RawConnection.open(port: node.port, isReading: false)
                for _ in 0..<2 { reader.post(requests) }
                readers.append(reader)
            }
            trial.injected("\(count / 4) clients that ask 400 times and never read")
            var attacked: [Duration] = []
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(16), !isAlone() {
                // One byte a second each: never silent, never done.
                for connection in senders where !connection.isClosed { connection.post([0x20]) }
                attacked += try await probe(node, 10)
                try await Task.sleep(for: .milliseconds(700))
            }
            let open = senders.count { !$0.isClosed }
            let slowest = senders.compactMap { connection in connection.closedAt.map { ($0 - connection.openedAt).seconds } }.max() ?? 0
            trial.figure("seconds_to_drop_senders", slowest)
            trial.figure("seconds_to_drop_all", (ContinuousClock.now - start).seconds)
            trial.check(
                "slow_readers_are_dropped", isAlone(),
                "\(node.figures?.descriptors ?? -1) descriptors, \(descriptors) before \(senders.count + readers.count) clients")
            trial.check(
                "slow_senders_are_dropped", open == 0,
                "\(open) of \(senders.count) still open after 15 s, the slowest of the others after \(slowest) s")
            let (p99Calm, p99) = (percentile99(calm), percentile99(attacked))
            trial.figure("p99_calm_ms", p99Calm)
            trial.figure("p99_attacked_ms", p99)
            // A scheduling hiccup of a busy machine is larger than a calm p99.
            trial.check("a_normal_client_is_served", p99 < max(2 * p99Calm, 250), "p99 \(p99) ms, \(p99Calm) ms before")
            boundedMemory(trial, node, before: before)
            for connection in senders + readers { await connection.close() }
            try await stillSells(trial, node)
        }
    }

    private static func probe(_ node: NodeProcess, _ count: Int) async throws -> [Duration] {
        try await withWebClient { client in
            var latencies: [Duration] = []
            for _ in 0..<count {
                let start = ContinuousClock.now
                _ = try await client.send(.GET, "\(node.base)/v1/sales/flash", timeout: .seconds(10))
                latencies.append(ContinuousClock.now - start)
            }
            return latencies
        }
    }

    /// Milliseconds.
    private static func percentile99(_ latencies: [Duration]) -> Double {
        let sorted = latencies.sorted()
        return sorted.isEmpty ? 0 : (sorted[sorted.count * 99 / 100].seconds * 10_000).rounded() / 10
    }
}
