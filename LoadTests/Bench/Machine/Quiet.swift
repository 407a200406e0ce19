import BenchModel

enum Quiet {
    private static let sample = Duration.seconds(2)
    private static let samplesMax = 10

    /// Waits until the machine has nothing else to do: a build leaves work behind for a few
    /// seconds.
    ///
    /// - Returns: the last disturbance when that did not happen.
    static func wait() async throws -> Disturbance? {
        var last: Disturbance?
        for _ in 0..<samplesMax {
            let before = try Reading.take()
            try await Task.sleep(for: sample)
            let disturbance = try Reading.take().disturbance(since: before)
            guard disturbance.isTooMuch else { return nil }
            last = disturbance
        }
        return last
    }
}
