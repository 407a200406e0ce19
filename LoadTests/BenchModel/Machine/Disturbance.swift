/// What else the machine did while something was measured, as shares of all its cores' time.
package struct Disturbance: Sendable, Equatable, Codable {
    /// Above this a measurement says little. Ticks are samples, so that a few seconds of an idle
    /// machine read as up to two hundredths.
    package static let shareMax = 0.05

    /// Processes that are not ours.
    package var foreignShare: Double
    /// Other guests of the same host.
    package var stolenShare: Double

    package init(foreignShare: Double, stolenShare: Double) {
        self.foreignShare = foreignShare
        self.stolenShare = stolenShare
    }

    /// Takes the larger of two accounts. The sum of all others misses processes that nobody waited
    /// for. The rest of what the machine did is too small where a kernel counts the network's
    /// interrupts to processes, as most do: `CPUTimes.busy` is without them.
    ///
    /// - Parameters:
    ///   - ownTicks: what our processes used from `before` to `after`.
    ///   - otherTicks: what all others that are there used.
    package init(from before: CPUTimes, to after: CPUTimes, ownTicks: UInt64, otherTicks: UInt64) {
        let total = Double(max(after.total - before.total, 1))
        let rest = max(0, Double(after.busy - before.busy) - Double(ownTicks))
        foreignShare = max(rest, Double(otherTicks)) / total
        stolenShare = Double(after.stolen - before.stolen) / total
    }

    package var isTooMuch: Bool { foreignShare > Self.shareMax || stolenShare > Self.shareMax }

    package var text: String {
        "\(Figure.text(foreignShare * 100, digits: 0)) % of the machine went to other processes, \(Figure.text(stolenShare * 100, digits: 0)) % to other guests"
    }
}
