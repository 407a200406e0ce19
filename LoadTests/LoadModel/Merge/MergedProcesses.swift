/// What several runs read of processes and metrics, on one clock of whole seconds. Each run has a
/// generator of its own; any other process, and the service's metrics, are those of the first run
/// that read them.
struct MergedProcesses {
    private(set) var sampledAt: [Double] = []
    private(set) var processes: [RunSeries.Process] = []
    private(set) var metrics: [RunSeries.Metric] = []
    /// CPU time over the whole run.
    private(set) var used: [ProcessReading] = []

    /// - Parameter offsets: whole seconds from the first start to each.
    init(_ reports: [RunReport], offsets: [Int]) {
        let seconds = zip(reports, offsets).map { report, offset in report.series.sampledAt.map { Int($0.rounded()) + offset } }
        let count = (seconds.joined().max() ?? -1) + 1
        sampledAt = (0..<count).map { Double($0) }
        for (run, report) in reports.enumerated() {
            func placed<Value>(_ values: [Value?]) -> [Value?] {
                var all = [Value?](repeating: nil, count: count)
                for (second, value) in zip(seconds[run], values) { all[second] = value }
                return all
            }
            func name(_ process: String) -> String { process == "generator" && reports.count > 1 ? "generator \(run + 1)" : process }
            for process in report.series.processes where !processes.contains(where: { $0.process == name(process.process) }) {
                processes.append(
                    RunSeries.Process(
                        process: name(process.process), cores: placed(process.cores), residentBytes: placed(process.residentBytes)))
            }
            for metric in report.series.metrics where !metrics.contains(where: { $0.name == metric.name }) {
                metrics.append(RunSeries.Metric(name: metric.name, values: placed(metric.values)))
            }
            for share in report.cpu where !used.contains(where: { $0.name == name(share.process) }) {
                used.append(ProcessReading(name: name(share.process), cpuSeconds: share.seconds))
            }
        }
    }
}
