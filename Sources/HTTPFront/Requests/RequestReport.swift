import SaleCore

/// What is told of requests when they are answered.
package struct RequestReport: Sendable {
    let counts: RequestCounts
    /// `nil` writes nothing.
    let log: AccessLog?

    package init(counts: RequestCounts = RequestCounts(), log: AccessLog? = nil) {
        self.counts = counts
        self.log = log
    }

    /// A request for the router, which may have refused it.
    ///
    /// - Parameter route: of the path in `line`.
    func answered(_ line: AccessLine, route: String, at now: MonotonicInstant) {
        answered(status: line.status, lateNanoseconds: line.lateNanoseconds, route: route, at: now) { line }
    }

    /// - Parameter line: asked for when the log wants it.
    func answered(status: Int, lateNanoseconds: UInt64, route: String, at now: MonotonicInstant, line: () -> AccessLine) {
        counts.count(route, status: status)
        // Balancers ask several times a second, and are told no for as long as it takes.
        guard let log, !RouteTable.health.contains(route), log.wants(status: status, nanoseconds: lateNanoseconds, at: now) else { return }
        log.write(line())
    }
}
