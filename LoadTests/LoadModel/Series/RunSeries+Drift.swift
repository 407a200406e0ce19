extension RunSeries {
    /// How the memory of each process and the p99 of the purchases moved; `nil` when there is too
    /// little to tell.
    package var drifts: [(rule: String, tolerance: Double, drift: Trend?)] {
        let memory = processes.map { process in
            let points = zip(sampledAt, process.residentBytes).compactMap { second, bytes in
                bytes.map { (second: second, value: Double($0) / 1_048_576) }
            }
            return ("memory_steady_\(process.process)", 4.0, Trend("memory of \(process.process)", unit: "MiB", points: points))
        }
        let p99 = latency.first { $0.group == .ok }?.p99 ?? []
        let points = p99.enumerated().compactMap { second, value in value.map { (second: Double(second), value: Double($0) / 1_000) } }
        return memory + [("p99_steady", 2.0, Trend("p99 of purchases", unit: "ms", points: points))]
    }
}
