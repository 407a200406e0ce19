import SaleCore

/// What is told of requests when they are answered.
package struct RequestReport: Sendable {
    /// `nil` counts nothing.
    let counts: RequestCounts?
    /// `nil` writes nothing.
    let log: AccessLog?
    /// Answers take long only where something is wrong.
    let tellsOfLate: Bool

    package init(counts: RequestCounts? = RequestCounts(), log: AccessLog? = nil, tellsOfLate: Bool = true) {
        self.counts = counts
        self.log = log
        self.tellsOfLate = tellsOfLate
    }

    /// Of the admin port: its requests are none of buyers', and many of them wait for nodes or
    /// events.
    package var ofAdminPort: RequestReport { RequestReport(counts: nil, log: log, tellsOfLate: false) }

    /// A request for the router, which may have refused it.
    ///
    /// - Parameter route: of the path in `line`.
    func answered(_ line: AccessLine, route: String, at now: MonotonicInstant) {
        answered(status: line.status, lateNanoseconds: line.lateNanoseconds, route: route, at: now) { line }
    }

    /// - Parameter line: asked for when the log wants it.
    func answered(status: Int, lateNanoseconds: UInt64, route: String, at now: MonotonicInstant, line: () -> AccessLine) {
        counts?.count(route, status: status)
        // Balancers ask several times a second, and are told no for as long as it takes.
        guard let log, !RouteTable.health.contains(route), log.wants(status: status, nanoseconds: tellsOfLate ? lateNanoseconds : 0, at: now)
        else { return }
        log.write(line())
    }
}
