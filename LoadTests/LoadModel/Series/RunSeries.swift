/// A run second by second. Counts per outcome stand with the outcomes.
package struct RunSeries: Sendable, Codable, Equatable {
    /// Latencies of the answers of each second of the run, in microseconds.
    package struct Latency: Sendable, Codable, Equatable {
        package var group: OutcomeGroup
        package var answers: [UInt64]
        package var p50: [UInt64?]
        package var p90: [UInt64?]
        package var p99: [UInt64?]
        package var p999: [UInt64?]
    }

    package struct Process: Sendable, Codable, Equatable {
        package var process: String
        /// Since the sample before.
        package var cores: [Double?]
        package var residentBytes: [UInt64?]
    }

    package struct Metric: Sendable, Codable, Equatable {
        package var name: String
        package var values: [Double?]
    }

    package var latency: [Latency]
    /// Seconds since the start at which processes and metrics were read, for the lists below.
    package var sampledAt: [Double]
    package var processes: [Process]
    package var metrics: [Metric]

    /// - Parameter samples: in rising order of time; the first is the base of the second's
    ///   differences and not shown itself.
    package init(_ tally: Tally, samples: [MachineSample]) {
        latency = [Self.latency(.ok, tally.seconds.map(\.ok)), Self.latency(.refused, tally.seconds.map(\.refused))]
            .filter { $0.answers.contains { $0 > 0 } }
        let pairs = Array(zip(samples.dropFirst(), samples)).filter { $0.at > $1.at }
        sampledAt = pairs.map(\.0.at)
        var names: [String] = []
        for name in samples.flatMap({ $0.processes.map(\.name) }) where !names.contains(name) { names.append(name) }
        processes = names.map { name in Self.process(name, pairs) }
        metrics = ServiceSeries.all.map { series in
            Metric(name: series.name, values: pairs.map { series.value(at: $0, after: $1) })
        }.filter { $0.values.contains { $0 != nil } }
    }

    private static func latency(_ group: OutcomeGroup, _ seconds: [SecondHistogram]) -> Latency {
        let percentiles = seconds.map { $0.microseconds(atPercentiles: [50, 90, 99, 99.9]) }
        return Latency(
            group: group, answers: seconds.map(\.count), p50: percentiles.map { $0?[0] }, p90: percentiles.map { $0?[1] },
            p99: percentiles.map { $0?[2] }, p999: percentiles.map { $0?[3] })
    }

    private static func process(_ name: String, _ pairs: [(MachineSample, MachineSample)]) -> Process {
        func reading(_ sample: MachineSample) -> ProcessReading? { sample.processes.first { $0.name == name } }
        return Process(
            process: name,
            cores: pairs.map { sample, previous in
                guard let now = reading(sample), let before = reading(previous) else { return nil }
                return max(0, now.cpuSeconds - before.cpuSeconds) / (sample.at - previous.at)
            },
            residentBytes: pairs.map { sample, _ in reading(sample)?.residentBytes })
    }
}
