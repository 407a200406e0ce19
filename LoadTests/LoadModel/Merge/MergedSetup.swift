/// The settings of several runs as those of one.
enum MergedSetup {
    /// - Parameter offsets: whole seconds from the first start to each.
    static func setup(_ reports: [RunReport], offsets: [Int]) -> RunReport.Setup {
        let setups = reports.map(\.setup)
        var setup = setups[0]
        setup.scenario = distinct(setups.map(\.scenario), separator: " + ")
        setup.target = distinct(setups.map(\.target))
        setup.sale = distinct(setups.map(\.sale))
        setup.sku = distinct(setups.map(\.sku))
        setup.usersPrefix = distinct(setups.map(\.usersPrefix))
        setup.auth = distinct(setups.map(\.auth))
        setup.users = setups.reduce(0) { $0 + $1.users }
        setup.rate = setups.reduce(0) { $0 + $1.rate }
        setup.connections = setups.reduce(0) { $0 + $1.connections }
        setup.threads = setups.reduce(0) { $0 + $1.threads }
        setup.seconds = zip(setups, offsets).map { $0.seconds + Double($1) }.max() ?? 0
        setup.startedAt = setups.map(\.startedAt).min() ?? ""
        setup.command = nil
        setup.facts.append(.init("merged from", "\(setups.count) runs"))
        return setup
    }

    static func machine(_ reports: [RunReport]) -> RunReport.Machine {
        var machine = reports[0].machine
        machine.cpuModel = distinct(reports.map(\.machine.cpuModel))
        machine.kernel = distinct(reports.map(\.machine.kernel))
        return machine
    }

    private static func distinct(_ texts: [String], separator: String = ", ") -> String {
        texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: separator)
    }
}
