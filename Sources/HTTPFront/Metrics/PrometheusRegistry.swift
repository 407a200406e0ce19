package import CoreMetrics
import Synchronization

/// The backend of swift-metrics: keeps every series in memory and writes them as Prometheus reads
/// them (text format 0.0.4).
///
/// Making a handle takes a lock and is for the start of things; recording on a handle takes none.
/// Names get the prefix `seckill_` and the ending that their kind demands (`_total`, `_seconds`),
/// unless they have it already. Handles of the same name and labels share one series. Series live
/// as long as the process, but for gauges that are destroyed: their number is bounded, and what is
/// beyond the bound is counted together in one series that is labelled `overflow="true"`.
package final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        var kind: MetricKind
        var series: [MetricLabels: any MetricSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    private let help: [String: String]
    private let seriesPerFamilyMax: Int
    private let familiesMax: Int

    /// - Parameter help: one line per metric, keyed by the name as it is given to swift-metrics or
    ///   as it is exposed.
    package init(help: [String: String] = [:], seriesPerFamilyMax: Int = 100, familiesMax: Int = 500) {
        self.help = help
        self.seriesPerFamilyMax = seriesPerFamilyMax
        self.familiesMax = familiesMax
    }

    /// The series of `label` and `dimensions`. A name that is taken by another kind, or one family
    /// too many, gets a series that records and is not exposed.
    private func series<Series: MetricSeries>(
        _ kind: MetricKind, _ label: String, _ dimensions: [(String, String)], make: () -> Series
    ) -> Series {
        let name = kind.exposedName(of: label)
        let labels = MetricLabels(dimensions)
        return families.withLock { families in
            if families[name] == nil {
                guard families.count < familiesMax else { return make() }
                families[name] = Family(kind: kind)
            }
            guard var family = families[name], family.kind == kind else { return make() }
            let isKnown = family.series[labels] != nil
            let key = isKnown || family.series.count < seriesPerFamilyMax ? labels : .overflow
            if let present = family.series[key] as? Series { return present }
            let made = make()
            family.series[key] = made
            families[name] = family
            return made
        }
    }

    /// Every series, ordered by name and labels.
    package func exposition() -> String {
        var text = ""
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            let help = help[name] ?? family.kind.givenNames(of: name).lazy.compactMap { self.help[$0] }.first
            text += ExpositionFormat.heading(name, kind: family.kind, help: help)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.expose(name: name, labels: labels, into: &text)
            }
        }
        return text
    }

    /// What the families of these exposed names say at this moment, by name and labels as
    /// `exposition` writes them. What is 0 is left out.
    package func figures(of names: [String]) -> [String: Double] {
        let families = families.withLock { $0 }
        var text = ""
        for name in names {
            for (labels, series) in families[name]?.series ?? [:] { series.expose(name: name, labels: labels, into: &text) }
        }
        var figures: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]), value != 0 else { continue }
            figures[String(line[..<space])] = value
        }
        return figures
    }
}

extension PrometheusRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, label, dimensions) { IntegerCounter() }
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions) { FloatCounter() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, label, dimensions) { GaugeValue() }
    }

    /// Aggregated values are counts, such as the orders of a batch: their buckets are powers of
    /// two. Others are gauges.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? series(.histogram(unit: .count), label, dimensions) { CountHistogram() }
            : series(.gauge, label, dimensions) { GaugeValue() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(.histogram(unit: .seconds), label, dimensions) { DurationHistogram() }
    }

    /// What a gauge says of something that is gone is wrong. The one that many share stays.
    private func forget(_ gauge: AnyObject) {
        families.withLock { families in
            for (name, family) in families where family.kind == .gauge {
                guard let labels = family.series.first(where: { $0.key != .overflow && $0.value as AnyObject === gauge })?.key else { continue }
                families[name]?.series.removeValue(forKey: labels)
                return
            }
        }
    }

    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    // These series outlive their handles, for others may share them and a counter must not go
    // backwards.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
