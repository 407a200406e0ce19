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
    /// - Parameters:
    ///   - route: of the path in `line`.
    ///   - now: nanoseconds of the monotonic clock.
    func answered(_ line: @autoclosure () -> AccessLine, route: String, status: Int, nanoseconds: UInt64, at now: UInt64) {
        counts.count(route, status: status)
        // Balancers ask several times a second, and are told no for as long as it takes.
        guard !RouteTable.health.contains(route) else { return }
        if let log, log.wants(status: status, nanoseconds: nanoseconds, at: now) { log.write(line()) }
    }
}
