/// The report file of what pages cost.
package struct PageReport: Sendable, Equatable, Codable {
    /// One page, measured once. All of a round are answered by the same service.
    package struct Measurement: RoundMeasurement, Sendable, Equatable, Codable {
        package var page: Page
        package var round: Int
        package var peak: ClosedLoop
        package var cost: [ProcessCost]
        package var disturbance: Disturbance
        package var faults: [String]

        package var subject: Page { page }

        package init(page: Page, round: Int, peak: ClosedLoop, cost: [ProcessCost], disturbance: Disturbance, faults: [String]) {
            self.page = page
            self.round = round
            self.peak = peak
            self.cost = cost
            self.disturbance = disturbance
            self.faults = faults
        }
    }

    package var setup: CompareReport.Setup
    package var measurements: [Measurement]

    package init(setup: CompareReport.Setup, measurements: [Measurement]) {
        self.setup = setup
        self.measurements = measurements
    }

    /// Server CPU of `page` over that of another in the same round.
    package func ratio(_ page: Page, of other: Page) -> Spread? {
        measurements.compare(page, with: other) { $1.cost.ofServers > 0 ? $0.cost.ofServers / $1.cost.ofServers : nil }
    }
}

extension PageReport: BenchReport {
    package var isConclusive: Bool { doubts.isEmpty }

    package var doubts: [String] { measurements.doubts }
    package var faults: [String] { measurements.allFaults }

    package var markdown: String {
        var table = MarkdownTable(["one core for the service, one for the client", "requests/s", "server CPU µs", "÷", "wanted", ""])
        for page in Page.allCases {
            guard let rate = measurements.spread(of: page, { $0.peak.perSecond }), let cost = measurements.spread(of: page, { $0.cost.ofServers })
            else { continue }
            var cells = [page.title, rate.text(digits: 0), cost.text(digits: 1)]
            if let bound = page.bound, let ratio = ratio(page, of: bound.of) {
                let isMet = ratio.median <= bound.factor
                cells += ["\(ratio.text(digits: 2)) × \(bound.of.title)", "≤ \(Figure.text(bound.factor, digits: 1))", isMet ? "met" : "**missed**"]
            } else {
                cells += ["", "", ""]
            }
            table.append(cells)
        }
        return (isConclusive ? "" : "**Not conclusive: the machine was busy with something else.**\n\n")
            + "\(setup.date), `\(setup.command)`: \(setup.rounds) rounds of \(setup.seconds) s, \(setup.connections) connections, "
            + "\(setup.cpuModel), \(setup.kernel). Median (lowest–highest).\n\n" + table.text
    }
}
