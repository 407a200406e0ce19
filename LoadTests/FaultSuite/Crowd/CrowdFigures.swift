import LoadSupport

/// What a log tells about time.
package struct CrowdFigures: Sendable {
    /// When something was sold, in order.
    private let sales: [Duration]
    /// When a buyer was told that the order is confirmed, in order.
    private let confirmations: [Duration]
    private let answers: [(endedAt: Duration, latency: Duration)]
    /// Tenths of a second in which purchases were refused for the moment or were still to go
    /// unanswered, and nobody heard that something is sold or sold out; three in a row at least,
    /// for commits come in batches.
    private let refusals: [Int]

    package init(_ log: [BuyerExchange]) {
        sales = log.filter { $0.hasBought && $0.answer?.isReplayed == false }.map(\.endedAt).sorted()
        confirmations = log.filter { $0.answer?.status == 201 }.map(\.endedAt).sorted()
        answers = log.filter { $0.answer != nil }.map { ($0.endedAt, $0.endedAt - $0.sentAt) }
        var refusing: Set<Int> = []
        for exchange in log where exchange.isRefusedForNow { refusing.formUnion(Self.tenth(exchange.sentAt)...Self.tenth(exchange.endedAt)) }
        // After the last sale there was nothing left to be sold, and a refusal kept nobody from
        // buying.
        let lastSale = sales.last.map(Self.tenth) ?? .max
        let soldOut = log.filter { $0.answer?.code == "sold_out" }.map { Self.tenth($0.endedAt) }
        let withoutSale = refusing.subtracting(sales.map(Self.tenth)).subtracting(soldOut).filter { $0 < lastSale }
        refusals = withoutSale.filter { tenth in
            [-2...0, -1...1, 0...2].contains { $0.allSatisfy { withoutSale.contains(tenth + $0) } }
        }.sorted()
    }

    /// What each fault of `moments`, which stand in order, did to the sale until the next one came.
    package func effects(of moments: [(fault: String, at: Duration)]) -> [FaultEffect] {
        moments.indices.map { index in
            let start = Self.tenth(moments[index].at)
            let end = index + 1 < moments.count ? Self.tenth(moments[index + 1].at) : .max
            let felt = refusals.filter { $0 >= start && $0 < end }
            let recovery = felt.last.map { $0 + 1 - start } ?? 0
            return FaultEffect(fault: moments[index].fault, refusalSeconds: Double(felt.count) / 10, recoverySeconds: Double(recovery) / 10)
        }
    }

    private static func tenth(_ instant: Duration) -> Int { Int((instant.seconds * 10).rounded(.down)) }

    /// From `instant` to the next sale; `nil` when there was none.
    package func timeToSale(after instant: Duration) -> Duration? {
        sales.first { $0 > instant }.map { $0 - instant }
    }

    /// The longest time without a sale, between the first and the last.
    package var longestPause: Duration {
        zip(sales, sales.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }

    /// The longest time in which no order was confirmed, between two instants.
    package func longestSilence(from start: Duration, to end: Duration) -> Duration {
        let told = [start] + confirmations.filter { $0 > start && $0 < end } + [end]
        return zip(told, told.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }

    /// How many were sold in each second from the start, such as `12 30 0 41`.
    package var salesBySecond: String {
        guard let last = sales.last else { return "" }
        var counts = Array(repeating: 0, count: Int(last.seconds) + 1)
        for sale in sales { counts[Int(sale.seconds)] += 1 }
        return counts.map(String.init).joined(separator: " ")
    }

    package func soldPerSecond(from start: Duration, to end: Duration) -> Double {
        guard end > start else { return 0 }
        return Double(sales.count { $0 >= start && $0 < end }) / (end - start).seconds
    }

    /// The latency that `share` of the answers of a span do not exceed.
    package func latency(share: Double, from start: Duration = .zero, to end: Duration = .seconds(1_000_000)) -> Duration? {
        let sorted = answers.filter { $0.endedAt >= start && $0.endedAt < end }.map(\.latency).sorted()
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
