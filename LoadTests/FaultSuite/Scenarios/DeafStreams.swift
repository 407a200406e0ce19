import LoadSupport
import NIOHTTP1

extension Scenario {
    static let deafStreams = [
        Scenario(
            "T28", "as many live streams as a node may have, half of which never read",
            bar: "those are ended, the others hear everything, memory bounded, buyers buy", deaf)
    ]

    private static let stream = Array("GET /v1/sales/flash/events HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    /// Of one address, as the service counts.
    private static let perAddress = 10
    /// What the kernel keeps of a stream is full after a few events of this many items.
    private static let otherItems = 100
    private static let roundsMax = 40
    private static let bytesPerStreamMax = 16 << 10

    private static func deaf(_ trial: Trial) async throws {
        DescriptorLimit.raise()
        let count = trial.scaled(10_000, atLeast: 200)
        var sale = SalePlan(stock: 1_000)
        sale.items += (0..<otherItems).map { SalePlan.Item(sku: "other-\($0)", stock: 1) }
        try await withStack(trial, StackPlan(sale: sale, settings: ["SECKILL_STREAMS_MAX": String(count)])) { stack in
            let node = stack.nodes[0]
            let before = node.figures?.residentBytes ?? 0
            var (readers, deaf): ([RawConnection], [RawConnection]) = ([], [])
            for number in 0..<count {
                let isReading = number.isMultiple(of: 2)
                // The first keeps all, the others that it began.
                let connection = try await RawConnection.open(
                    port: node.port, isReading: isReading, from: address(number / perAddress), keeping: number == 0 ? 4 << 20 : 512)
                connection.post(stream)
                if isReading { readers.append(connection) } else { deaf.append(connection) }
            }
            // Who is refused for the moment, because the node is late, leaves a place to the next.
            var others = 0
            while try await !eventually(within: .seconds(5), { try await open(node) == count }), others < count / 20 {
                for _ in 0..<count - (try await open(node)) {
                    let next = try await RawConnection.open(port: node.port, from: address(count / perAddress + others / perAddress), keeping: 512)
                    next.post(stream)
                    readers.append(next)
                    others += 1
                }
            }
            readers = readers.filter { $0.received.hasPrefix("HTTP/1.1 200") }
            let begun = try await open(node)
            trial.check("all_have_a_place", begun == count, "\(begun) of \(count) streams")
            trial.injected("\(count) streams, \(deaf.count) of which nobody reads")
            try await oneMore(trial, node, from: address(count / perAddress + others))

            var rounds = 0
            while rounds < roundsMax, try await open(node) > readers.count {
                // All items are told again.
                let outcome = try await stack.seckill(["sale", "set", "flash", "--title", "Round \(rounds)"])
                trial.check("operators_are_obeyed", outcome.status == 0, "exit \(outcome.status) \(outcome.messages.prefix(100))")
                rounds += 1
                try await buyAgain(trial, node, number: rounds)
            }
            let left = try await open(node)
            let lost = readers.count { $0.isClosed }
            trial.figure("changes_until_dropped", Double(rounds))
            trial.check("who_never_reads_is_ended", left <= readers.count, "\(left) streams open after \(rounds) changes, \(readers.count) are read")
            trial.check("who_reads_stays", lost == 0 && left >= readers.count, "\(lost) of \(readers.count) have ended, \(left) are open")
            boundedMemory(trial, node, before: before, growthMax: max(96 << 20, count * bytesPerStreamMax))
            trial.figure("rss_kib_per_stream", Double((node.figures?.residentBytes ?? 0) - before) / 1_024 / Double(count))

            trial.injected("SIGTERM")
            node.terminate()
            let areGone = try await eventually(within: .seconds(15)) { readers.allSatisfy(\.isClosed) }
            trial.check("all_are_told_to_go", areGone && readers[0].received.contains("event: bye"), "\(readers.count { !$0.isClosed }) still open")
            let status = try await node.waitUntilExit(within: .seconds(20))
            trial.check("drain_ends", status == 0, "exit \(status.map(String.init) ?? "none")")
            for connection in readers + deaf { await connection.close() }
        }
    }

    /// 127.0.1.1 and so on.
    private static func address(_ number: Int) -> String { "127.0.\(1 + number / 250).\(1 + number % 250)" }

    private static func oneMore(_ trial: Trial, _ node: NodeProcess, from address: String) async throws {
        let newcomer = try await RawConnection.open(port: node.port, from: address)
        newcomer.post(stream)
        try await newcomer.waitForResponses()
        trial.check("one_too_many_is_refused", newcomer.responses == [503], "\(newcomer.responses)")
        await newcomer.close()
    }

    /// A buyer who comes again when a node that has just told all streams is late with the rest.
    private static func buyAgain(_ trial: Trial, _ node: NodeProcess, number: Int) async throws {
        let isSold = try await withWebClient { client in
            try await eventually(within: .seconds(10), every: .milliseconds(500)) {
                let answer = try await node.buy(client, user: "honest-\(number)", timeout: .seconds(10))
                trial.answered(answer.summary)
                return answer.status == 201
            }
        }
        trial.check("still_sells", isSold, "\(isSold ? "" : "not ")sold within 10 s")
    }

    /// Streams, by the node's own count.
    private static func open(_ node: NodeProcess) async throws -> Int {
        let metrics = try await withWebClient { try await $0.send(.GET, "http://127.0.0.1:\(node.adminPort)/metrics", timeout: .seconds(10)) }
        return metrics.body.firstMatch(of: /(?m)^seckill_streams_open ([0-9]+)/).flatMap { Int($0.1) } ?? 0
    }
}
