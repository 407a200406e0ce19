/// The report file of what live streams cost, and of what they take from purchases.
package struct StreamReport: Sendable, Equatable, Codable {
    /// One audience, measured once. All of a round watch the same service.
    package struct Measurement: RoundMeasurement, Sendable, Equatable, Codable {
        package var audience: Audience
        package var round: Int
        /// Purchases at full speed.
        package var peak: ClosedLoop
        package var cost: [ProcessCost]
        /// While two purchases a second change the stock, in percent of a core.
        package var corePercentWhenCalm: Double
        /// That each stream heard then.
        package var eventsPerSecondWhenCalm: Double
        /// From the first connect to the first event of the last stream, in milliseconds.
        package var openedWithin: Int
        /// Of the service at the end, in bytes.
        package var residentBytes: UInt64
        package var disturbance: Disturbance
        package var faults: [String]

        package var subject: Audience { audience }

        package init(
            audience: Audience, round: Int, peak: ClosedLoop, cost: [ProcessCost], corePercentWhenCalm: Double, eventsPerSecondWhenCalm: Double,
            openedWithin: Int, residentBytes: UInt64, disturbance: Disturbance, faults: [String]
        ) {
            self.audience = audience
            self.round = round
            self.peak = peak
            self.cost = cost
            self.corePercentWhenCalm = corePercentWhenCalm
            self.eventsPerSecondWhenCalm = eventsPerSecondWhenCalm
            self.openedWithin = openedWithin
            self.residentBytes = residentBytes
            self.disturbance = disturbance
            self.faults = faults
        }
    }

    /// Purchases/s with streams over those without, at least.
    package static let rateRatioMin = 0.97
    /// Percent of a core, at most, that streams add at two changes a second.
    package static let corePercentMax = 15.0

    package var setup: CompareReport.Setup
    package var measurements: [Measurement]

    package init(setup: CompareReport.Setup, measurements: [Measurement]) {
        self.setup = setup
        self.measurements = measurements
    }

    private func spread(_ audience: Audience, _ figure: (Measurement) -> Double) -> Spread? { measurements.spread(of: audience, figure) }

    /// A figure of each round against the same of nobody in it.
    package func compare(_ audience: Audience, _ figure: (_ watched: Measurement, _ alone: Measurement) -> Double) -> Spread? {
        measurements.compare(audience, with: .nobody, figure)
    }
}

extension StreamReport: BenchReport {
    package var isConclusive: Bool { doubts.isEmpty }

    package var doubts: [String] { measurements.doubts }
    package var faults: [String] { measurements.allFaults }

    package var markdown: String {
        var table = MarkdownTable([
            "", "purchases/s", "÷ unwatched", "service CPU µs per purchase", "÷ unwatched", "percent of a core, two changes/s", "more than unwatched",
            "events/s per stream then", "all opened within ms", "resident MB",
        ])
        for audience in Audience.allCases {
            guard
                let rate = spread(audience, { $0.peak.perSecond }), let cost = spread(audience, { $0.cost.of("service") ?? 0 }),
                let calm = spread(audience, \.corePercentWhenCalm), let memory = spread(audience, { Double($0.residentBytes) / 1e6 })
            else { continue }
            var cells = [
                audience.title, rate.text(digits: 0), "", cost.text(digits: 1), "", calm.text(digits: 1), "", "", "", memory.text(digits: 0),
            ]
            if audience != .nobody,
                let rateRatio = compare(audience, { $0.peak.perSecond / $1.peak.perSecond }),
                let costRatio = compare(audience, { ($0.cost.of("service") ?? 0) / ($1.cost.of("service") ?? 1) }),
                let more = compare(audience, { $0.corePercentWhenCalm - $1.corePercentWhenCalm }),
                let events = spread(audience, \.eventsPerSecondWhenCalm), let opened = spread(audience, { Double($0.openedWithin) })
            {
                cells[2] = "\(rateRatio.text(digits: 3)), \(Self.verdict(rateRatio.median >= Self.rateRatioMin))"
                cells[4] = costRatio.text(digits: 3)
                cells[6] = "\(more.text(digits: 1)), \(Self.verdict(more.median <= Self.corePercentMax))"
                cells[7] = events.text(digits: 2)
                cells[8] = opened.text(digits: 0)
            }
            table.append(cells)
        }
        return (isConclusive ? "" : "**Not conclusive: the machine was busy with something else.**\n\n")
            + "\(setup.date), `\(setup.command)`: \(setup.rounds) rounds of \(setup.seconds) s, \(setup.connections) connections that buy, "
            + "\(setup.cpuModel), \(setup.kernel). Median (lowest–highest). Readers, buyers and stores have the same cores. Wanted: "
            + "≥ \(Figure.text(Self.rateRatioMin, digits: 2)) of the purchases, ≤ \(Figure.text(Self.corePercentMax, digits: 0)) % of a core more.\n\n"
            + table.text
    }

    private static func verdict(_ isMet: Bool) -> String { isMet ? "met" : "**missed**" }
}
