import BenchModel
import Glibc

/// The closed loop at full speed, and what each process spent on it.
struct PeakRun {
    let loop: ClosedLoop
    let cost: [ProcessCost]
    /// Of the measurement and all that followed it up to now.
    let disturbance: () throws -> Disturbance

    static func measure(_ server: any Server, _ wrk: Wrk, seconds: Int, users: String) async throws -> PeakRun {
        try await measure(server, seconds: seconds) { try await wrk.buy(at: server.port, seconds: $0, users: users) }
    }

    /// - Parameter run: wrk, for so many seconds.
    static func measure(_ server: any Server, seconds: Int, _ run: (_ seconds: Int) async throws -> ClosedLoop) async throws -> PeakRun {
        let (before, endedBefore) = (try Reading.take(), microsecondsOfEndedChildren())
        let loop = try await run(seconds)
        let after = try Reading.take()
        func perRequest(_ pid: Int32) -> Double { after.microseconds(of: pid, since: before) / Double(max(loop.requests, 1)) }
        let servers = ([server.front] + server.stores).map {
            ProcessCost(process: $0.name, microsecondsPerRequest: perRequest($0.pid), isServer: true)
        }
        let ofWrk = (microsecondsOfEndedChildren() - endedBefore) / Double(max(loop.requests, 1))
        let client = ProcessCost(process: "wrk", microsecondsPerRequest: ofWrk, isServer: false)
        return PeakRun(loop: loop, cost: servers + [client]) { try Reading.take().disturbance(since: before) }
    }

    /// wrk has ended when it is asked for; the servers, those of other sizes among them, are alive.
    private static func microsecondsOfEndedChildren() -> Double {
        var usage = rusage()
        // The kernel fills one `rusage`.
        unsafe getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) * 1e6 + Double($1.tv_usec) }
    }
}
