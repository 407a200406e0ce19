import Simulation

/// What many worlds came to.
struct Tally: Sendable {
    private(set) var worlds = 0
    private(set) var steps = 0
    /// What happened in them, by its name, in the order in which it was counted first.
    private var counts: [(name: String, count: Int)] = []
    private var longestRest: UInt64?
    private(set) var broken: [(seed: UInt64, violation: String)] = []
    var seconds = 0.0

    mutating func add(_ report: Simulation.Report) {
        count("purchases", report.purchases)
        count("confirmed", report.confirmed)
        count("faults", report.faults)
        longestRest = max(longestRest ?? 0, report.restMilliseconds ?? 0)
        add(report.seed, report.violations, steps: report.steps)
    }

    mutating func add(_ report: WebhookWorld.Report) {
        count("events", report.events)
        count("requests", report.requests)
        add(report.seed, report.violations, steps: report.steps)
    }

    private mutating func add(_ seed: UInt64, _ violations: [String], steps: Int) {
        worlds += 1
        self.steps += steps
        guard let violation = violations.first else { return }
        broken.append((seed, violation))
        broken.sort { $0.seed < $1.seed }
    }

    private mutating func count(_ name: String, _ count: Int) {
        if let index = counts.firstIndex(where: { $0.name == name }) { counts[index].count += count } else { counts.append((name, count)) }
    }

    var summary: String {
        let rest = longestRest.map { "longest way to rest \($0) ms of virtual time; " } ?? ""
        return """
            worlds \(worlds), \(counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")), steps \(steps)
            \(rest)\(Int(seconds)) s, \(Int(Double(worlds) / max(seconds, 0.001))) worlds/s
            worlds with a broken promise: \(broken.count)
            """
    }
}
