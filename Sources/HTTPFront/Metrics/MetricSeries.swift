import CoreMetrics
import Synchronization

/// One series: recorded from any thread without a lock, read while it is being recorded.
protocol MetricSeries: AnyObject, Sendable {
    func expose(name: String, labels: MetricLabels, into text: inout String)
}

final class IntegerCounter: CounterHandler, MetricSeries {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func expose(name: String, labels: MetricLabels, into text: inout String) {
        text += ExpositionFormat.sample(name, labels.braced(), String(value.load(ordering: .relaxed)))
    }
}

final class FloatCounter: FloatingPointCounterHandler, MetricSeries {
    private let value = AtomicDouble()

    func increment(by amount: Double) { value.add(amount) }
    func reset() { value.store(0) }

    func expose(name: String, labels: MetricLabels, into text: inout String) {
        text += ExpositionFormat.sample(name, labels.braced(), ExpositionFormat.number(value.load()))
    }
}

final class GaugeValue: MeterHandler, RecorderHandler, MetricSeries {
    private let value = AtomicDouble()

    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func record(_ value: Int64) { self.value.store(Double(value)) }
    func record(_ value: Double) { self.value.store(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }

    func expose(name: String, labels: MetricLabels, into text: inout String) {
        text += ExpositionFormat.sample(name, labels.braced(), ExpositionFormat.number(value.load()))
    }
}

/// A `Double` that many threads add to.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: old) + amount).bitPattern
            let (isDone, present) = bits.weakCompareExchange(expected: old, desired: sum, ordering: .relaxed)
            if isDone { return }
            old = present
        }
    }
}
