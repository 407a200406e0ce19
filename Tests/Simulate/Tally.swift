import Simulation

/// What many worlds came to.
struct Tally: Sendable {
    private(set) var worlds = 0
    private(set) var purchases = 0
    private(set) var confirmed = 0
    private(set) var faults = 0
    private(set) var steps = 0
    private(set) var longestRest: UInt64 = 0
    private(set) var broken: [Simulation.Report] = []
    var seconds = 0.0

    mutating func add(_ report: Simulation.Report) {
        worlds += 1
        purchases += report.purchases
        confirmed += report.confirmed
        faults += report.faults
        steps += report.steps
        longestRest = max(longestRest, report.restMilliseconds ?? 0)
        guard !report.violations.isEmpty else { return }
        broken.append(report)
        broken.sort { $0.seed < $1.seed }
    }

    var summary: String {
        """
        worlds \(worlds), purchases \(purchases), confirmed \(confirmed), faults \(faults), steps \(steps)
        longest way to rest \(longestRest) ms of virtual time; \(Int(seconds)) s, \(Int(Double(worlds) / max(seconds, 0.001))) worlds/s
        worlds with a broken promise: \(broken.count)
        """
    }
}
