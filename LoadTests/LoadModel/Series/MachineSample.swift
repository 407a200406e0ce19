/// What was read about once a second while a run lasted.
package struct MachineSample: Sendable, Equatable {
    /// Seconds since the start of the run.
    package var at: Double
    package var processes: [ProcessReading]
    /// The values of the service's metrics by exposed name; empty when they could not be read.
    package var metrics: [String: Double]

    package init(at: Double, processes: [ProcessReading], metrics: [String: Double]) {
        self.at = at
        self.processes = processes
        self.metrics = metrics
    }
}
