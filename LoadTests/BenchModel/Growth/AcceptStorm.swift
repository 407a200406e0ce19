/// Many buyers who connect in one second and ask once each.
package struct AcceptStorm: Sendable, Equatable, Codable {
    package var connections: Int
    package var answered: Int
    /// Refused, reset, closed without an answer, or not answered in time.
    package var failed: Int
    /// From the first connect(2) to the last answer.
    package var seconds: Double
    /// From each connection's connect(2) to its answer, in microseconds.
    package var p50: Int
    package var p99: Int
    package var disturbance: Disturbance

    /// - Parameter latencies: of those that were answered, in microseconds.
    package init(connections: Int, latencies: [Int], seconds: Double, disturbance: Disturbance) {
        let sorted = latencies.sorted()
        func percentile(_ share: Double) -> Int { sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] }
        self.connections = connections
        self.answered = sorted.count
        self.failed = connections - sorted.count
        self.seconds = seconds
        self.p50 = percentile(0.5)
        self.p99 = percentile(0.99)
        self.disturbance = disturbance
    }
}
