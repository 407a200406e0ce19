/// A series of the report that is made of the service's metrics.
package struct ServiceSeries: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The value as it is.
        case gauge(String)
        /// What a counter grew by, per second.
        case rate(String)
        /// The mean of what a histogram recorded between two samples, times a factor.
        case mean(String, times: Double)
    }

    package var name: String
    package var kind: Kind

    package static let all: [ServiceSeries] = [
        ServiceSeries(name: "queue_orders", kind: .gauge("seckill_queue_orders")),
        ServiceSeries(name: "admitted_purchases", kind: .gauge("seckill_admitted_purchases")),
        ServiceSeries(name: "batch_requests", kind: .mean("seckill_batch_requests", times: 1)),
        ServiceSeries(name: "commit_orders", kind: .mean("seckill_commit_orders", times: 1)),
        ServiceSeries(name: "batch_milliseconds", kind: .mean("seckill_batch_duration_seconds", times: 1_000)),
        ServiceSeries(name: "commit_milliseconds", kind: .mean("seckill_commit_duration_seconds", times: 1_000)),
        ServiceSeries(name: "commit_failures_per_second", kind: .rate("seckill_commit_failures_total")),
    ]

    /// The exposed names that the series are made of.
    package static let exposedNames: Set<String> = Set(
        all.flatMap { series -> [String] in
            switch series.kind {
            case .gauge(let name), .rate(let name): [name]
            case .mean(let name, _): [name + "_sum", name + "_count"]
            }
        })

    /// The value at `sample`; `nil` when it was not read, or nothing was recorded since `previous`.
    func value(at sample: MachineSample, after previous: MachineSample) -> Double? {
        func growth(_ name: String) -> Double? {
            guard let now = sample.metrics[name], let before = previous.metrics[name], now >= before else { return nil }
            return now - before
        }
        switch kind {
        case .gauge(let name): return sample.metrics[name]
        case .rate(let name): return growth(name).map { $0 / (sample.at - previous.at) }
        case .mean(let name, let factor):
            guard let sum = growth(name + "_sum"), let count = growth(name + "_count"), count > 0 else { return nil }
            return sum / count * factor
        }
    }
}
