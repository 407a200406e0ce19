import ArgumentParser
import LoadModel

/// Figures that a run must not miss.
struct ThresholdOptions: ParsableArguments {
    @Option(help: "Longest median latency of purchases.") var thresholdP50: DurationOption?
    @Option(help: "Longest latency of 99 % of purchases.") var thresholdP99: DurationOption?
    @Option(help: "Longest latency of 99.9 % of purchases.") var thresholdP999: DurationOption?
    @Option(help: "Largest share of errors, lost answers and unsent purchases, from 0 to 1.") var thresholdFailures: Double?
    @Option(help: "Smallest number of purchases committed per second.") var thresholdCommittedRate: Double?

    func validate() throws {
        try require(thresholdFailures.map { (0...1).contains($0) } ?? true, "--threshold-failures must be between 0 and 1")
    }

    /// - Parameter answers: whose latencies count.
    func thresholds(of answers: Threshold.Answers = .purchases) -> [Threshold] {
        func latency(_ percentile: Double, _ option: DurationOption?) -> Threshold? {
            option.map { .latency(percentile: percentile, microseconds: $0.duration.nanosecondsCount / 1_000, of: answers) }
        }
        let all: [Threshold?] = [
            latency(50, thresholdP50), latency(99, thresholdP99), latency(99.9, thresholdP999),
            thresholdFailures.map { .failures(share: $0) }, thresholdCommittedRate.map { .committed(perSecond: $0) },
        ]
        return all.compactMap { $0 }
    }
}
