/// Shares of a thread's time, from 0 to 1; the rest it slept.
package struct ThreadShare: Sendable, Equatable, Codable {
    /// On a core.
    package var running: Double
    /// Ready to run, while others had the cores.
    package var ready: Double

    package init(running: Double, ready: Double) {
        self.running = running
        self.ready = ready
    }
}
