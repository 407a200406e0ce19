import CoreMetrics
import Testing

@testable import HTTPFront

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry(help: ["purchases": "Purchases by \\ outcome\nand more."])

    @Test func counterHasPrefixSuffixAndLabels() {
        let counter = Counter(label: "purchases", dimensions: [("outcome", "committed")], factory: registry)
        counter.increment(by: 3)
        #expect(
            registry.exposition() == """
                # HELP seckill_purchases_total Purchases by \\\\ outcome\\nand more.
                # TYPE seckill_purchases_total counter
                seckill_purchases_total{outcome="committed"} 3

                """)
    }

    @Test func prefixAndSuffixAreNotDoubled() {
        Counter(label: "seckill_a_total", factory: registry).increment()
        Timer(label: "b_seconds", factory: registry).recordNanoseconds(1)
        let text = registry.exposition()
        #expect(text.contains("\nseckill_a_total 1\n"))
        #expect(text.contains("\nseckill_b_seconds_count 1\n"))
    }

    @Test func foreignCharactersOfNamesAreReplaced() {
        Gauge(label: "queue.age-max", dimensions: [("a-b", "x")], factory: registry).record(2)
        #expect(registry.exposition().contains("seckill_queue_age_max{a_b=\"x\"} 2\n"))
    }

    @Test func labelValuesAreEscaped() {
        Counter(label: "c", dimensions: [("v", "a\\b\"c\nd")], factory: registry).increment()
        #expect(registry.exposition().contains(#"seckill_c_total{v="a\\b\"c\nd"} 1"#))
    }

    @Test func orderIsTheSameHoweverHandlesWereMade() {
        for (name, label) in [("b", "2"), ("a", "1"), ("b", "1")] {
            Counter(label: name, dimensions: [("l", label), ("k", "0")], factory: registry).increment()
        }
        let samples = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            samples == [
                "seckill_a_total{k=\"0\",l=\"1\"} 1", "seckill_b_total{k=\"0\",l=\"1\"} 1", "seckill_b_total{k=\"0\",l=\"2\"} 1",
            ])
    }

    @Test func handlesOfTheSameNameAndLabelsShareOneSeries() {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(registry.exposition().contains("seckill_c_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test func gaugeKeepsTheLastValueAndAdds() {
        let gauge = Meter(label: "g", factory: registry)
        gauge.set(7)
        gauge.increment(by: 0.5)
        gauge.decrement(by: 2)
        #expect(registry.exposition().contains("\nseckill_g 5.5\n"))
    }

    @Test func floatingPointCounterAddsFractions() {
        let counter = FloatingPointCounter(label: "f", factory: registry)
        counter.increment(by: 0.25)
        counter.increment(by: 0.5)
        #expect(registry.exposition().contains("\nseckill_f_total 0.75\n"))
    }

    @Test func timerCountsIntoCumulativeBucketsInSeconds() {
        let timer = Timer(label: "commit", factory: registry)
        timer.recordNanoseconds(10_000)
        timer.recordNanoseconds(10_001)
        timer.recordNanoseconds(60_000_000_000)
        let text = registry.exposition()
        #expect(text.contains("# TYPE seckill_commit_seconds histogram\n"))
        #expect(text.contains("seckill_commit_seconds_bucket{le=\"1e-05\"} 1\n"))
        #expect(text.contains("seckill_commit_seconds_bucket{le=\"2.5e-05\"} 2\n"))
        #expect(text.contains("seckill_commit_seconds_bucket{le=\"30\"} 2\n"))
        #expect(text.contains("seckill_commit_seconds_bucket{le=\"+Inf\"} 3\n"))
        #expect(text.contains("seckill_commit_seconds_sum 60.000020001\n"))
        #expect(text.contains("seckill_commit_seconds_count 3\n"))
    }

    @Test func recorderOfCountsHasBucketsOfPowersOfTwo() {
        let recorder = Recorder(label: "batch_orders", dimensions: [("k", "v")], aggregate: true, factory: registry)
        for size in [1, 2, 3, 4, 5, 65_536, 65_537] { recorder.record(size) }
        recorder.record(2.5)
        let text = registry.exposition()
        #expect(text.contains("seckill_batch_orders_bucket{k=\"v\",le=\"1\"} 1\n"))
        #expect(text.contains("seckill_batch_orders_bucket{k=\"v\",le=\"2\"} 2\n"))
        #expect(text.contains("seckill_batch_orders_bucket{k=\"v\",le=\"4\"} 5\n"))
        #expect(text.contains("seckill_batch_orders_bucket{k=\"v\",le=\"8\"} 6\n"))
        #expect(text.contains("seckill_batch_orders_bucket{k=\"v\",le=\"65536\"} 7\n"))
        #expect(text.contains("seckill_batch_orders_bucket{k=\"v\",le=\"+Inf\"} 8\n"))
    }

    @Test func seriesBeyondTheBoundAreCountedTogether() {
        let registry = PrometheusRegistry(seriesPerFamilyMax: 2)
        for index in 0..<5 { Counter(label: "c", dimensions: [("i", "\(index)")], factory: registry).increment() }
        let samples = registry.exposition().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(samples == ["seckill_c_total{i=\"0\"} 1", "seckill_c_total{i=\"1\"} 1", "seckill_c_total{overflow=\"true\"} 3"])
    }

    @Test func nameOfAnotherKindIsNotExposedTwice() {
        Gauge(label: "x_total", factory: registry).record(5)
        Counter(label: "x", factory: registry).increment()
        #expect(registry.exposition() == "# TYPE seckill_x_total gauge\nseckill_x_total 5\n")
    }

    @Test func recordingFromManyThreadsLosesNothing() async {
        let counter = Counter(label: "c", factory: registry)
        let recorder = Recorder(label: "r", aggregate: true, factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        recorder.record(1)
                    }
                }
            }
        }
        let text = registry.exposition()
        #expect(text.contains("seckill_c_total 80000\n"))
        #expect(text.contains("seckill_r_sum 80000\n"))
        #expect(text.contains("seckill_r_count 80000\n"))
    }

    @Test func processFiguresComeFromTheKernel() throws {
        let metrics = ProcessMetrics.read()
        #expect(try #require(metrics.cpuSeconds) >= 0)
        #expect(try #require(metrics.residentBytes) > 1_000_000)
        #expect(try #require(metrics.openFileDescriptors) > 2)
        #expect(try #require(metrics.startTimeSeconds) > 1_500_000_000)
        #expect(metrics.exposition.contains("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "))
    }

    /// Sales come and go, and each must find room for its own series.
    @Test func aGaugeThatIsDestroyedGivesItsPlaceBack() {
        let registry = PrometheusRegistry(seriesPerFamilyMax: 2)
        for number in 0..<10 {
            let gauge = Gauge(label: "g", dimensions: [("sale", "\(number)")], factory: registry)
            gauge.record(number)
            #expect(registry.exposition() == "# TYPE seckill_g gauge\nseckill_g{sale=\"\(number)\"} \(number)\n")
            gauge.destroy()
        }
        #expect(!registry.exposition().contains("sale"))
    }

    @Test func theSeriesThatManyShareAndCountersStay() {
        let registry = PrometheusRegistry(seriesPerFamilyMax: 1)
        let gauges = (0..<3).map { Gauge(label: "g", dimensions: [("sale", "\($0)")], factory: registry) }
        gauges[1].record(7)
        gauges[2].destroy()
        #expect(registry.exposition().contains("seckill_g{overflow=\"true\"} 7\n"))
        let counter = Counter(label: "c", dimensions: [("sale", "a")], factory: registry)
        counter.increment()
        counter.destroy()
        #expect(registry.exposition().contains("seckill_c_total{sale=\"a\"} 1\n"))
    }
}
