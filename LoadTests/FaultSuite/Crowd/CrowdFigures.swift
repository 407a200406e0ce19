/// What a log tells about time.
struct CrowdFigures: Sendable {
    /// When something was sold, in order.
    private let sales: [Duration]
    private let answers: [(endedAt: Duration, latency: Duration)]

    init(_ log: [Exchange]) {
        sales = log.filter { $0.hasBought && $0.answer?.isReplayed == false }.map(\.endedAt).sorted()
        answers = log.filter { $0.answer != nil }.map { ($0.endedAt, $0.endedAt - $0.sentAt) }
    }

    /// From `instant` to the next sale; `nil` when there was none.
    func timeToSale(after instant: Duration) -> Duration? {
        sales.first { $0 > instant }.map { $0 - instant }
    }

    /// The longest time without a sale, between the first and the last.
    var longestPause: Duration {
        zip(sales, sales.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }

    func soldPerSecond(from start: Duration, to end: Duration) -> Double {
        guard end > start else { return 0 }
        return Double(sales.count { $0 >= start && $0 < end }) / (end - start).seconds
    }

    /// The latency that `share` of the answers of a span do not exceed.
    func latency(share: Double, from start: Duration = .zero, to end: Duration = .seconds(1_000_000)) -> Duration? {
        let sorted = answers.filter { $0.endedAt >= start && $0.endedAt < end }.map(\.latency).sorted()
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
