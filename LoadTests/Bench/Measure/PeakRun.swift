import BenchModel
import Glibc

/// The closed loop at full speed, and what each process spent on it.
struct PeakRun {
    let loop: ClosedLoop
    let cost: [ProcessCost]
    /// Of the measurement and all that followed it up to now.
    let disturbance: () throws -> Disturbance

    static func measure(_ server: any Server, _ wrk: Wrk, seconds: Int, users: String) async throws -> PeakRun {
        let before = try Reading.take()
        let loop = try await wrk.buy(at: server.port, seconds: seconds, users: users)
        let after = try Reading.take()
        func perRequest(_ pid: Int32) -> Double { after.microseconds(of: pid, since: before) / Double(max(loop.requests, 1)) }
        let servers = ([server.front] + server.stores).map {
            ProcessCost(process: $0.name, microsecondsPerRequest: perRequest($0.pid), isServer: true)
        }
        // wrk has ended, so its time is among that of our dead children; the servers are alive.
        let client = ProcessCost(process: "wrk", microsecondsPerRequest: max(0, perRequest(getpid()) - servers.ofServers), isServer: false)
        return PeakRun(loop: loop, cost: servers + [client]) { try Reading.take().disturbance(since: before) }
    }
}
