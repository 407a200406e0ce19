/// What wrk says at its end: the line that `LoadTests/rivals/purchases.lua` prints.
package struct ClosedLoop: Sendable, Equatable, Codable {
    package var requests: Int
    package var microseconds: Int
    /// Answers above 399. They count as requests.
    package var refused: Int
    /// Connections, reads and writes that failed, and answers that did not come in time.
    package var failed: Int
    /// Latencies in microseconds.
    package var p50: Int
    package var p99: Int

    package var perSecond: Double { Double(requests) * 1e6 / Double(max(microseconds, 1)) }
    package var succeeded: Int { requests - refused }

    package init(requests: Int, microseconds: Int, refused: Int, failed: Int, p50: Int, p99: Int) {
        self.requests = requests
        self.microseconds = microseconds
        self.refused = refused
        self.failed = failed
        self.p50 = p50
        self.p99 = p99
    }

    /// The JSON in what wrk printed.
    package static func result(in output: String) -> Substring? {
        output.split(separator: "\n").last { $0.hasPrefix("RESULT ") }?.dropFirst("RESULT ".count)
    }
}
