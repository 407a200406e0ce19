import BenchModel
import LoadSupport

/// The service with one thing grown to `size`.
struct GrowthRun: Sendable {
    let axis: GrowthAxis
    let size: Int
    let connections: Int
    let workspace: Workspace

    private static let warmUpSeconds = 2
    /// Users are made known to the limiter so long at most.
    private static let introductionSecondsMax = 120

    func start() async throws -> SeckillProcess {
        var plan = SeckillProcess.Plan(name: "size-\(size)")
        switch axis {
        case .orders:
            plan.prepare = { [size] database in
                if size > 0 { try await PastOrders.make(size, database: database) }
            }
        case .skus, .skusInTurn: plan.sales = [Sale(skuCount: size)]
        case .sales, .salesInTurn: plan.sales = (0..<size).map { Sale(number: $0) }
        case .users: plan.settings = ["SECKILL_LIMIT_PER_USER": "5/10"]
        case .connections: break
        }
        return try await SeckillProcess.start(plan, workspace)
    }

    /// Brings the service to its size, where that needs requests, and to its speed.
    func warmUp(_ server: SeckillProcess) async throws {
        if axis == .users {
            var known = 0
            var number = 0
            while known < size, number < Self.introductionSecondsMax / Self.warmUpSeconds {
                // No units, so that the limiter is asked and nobody else.
                known += try await wrk.buy(at: server.port, seconds: Self.warmUpSeconds, users: "k\(number)", quantity: 0).requests
                number += 1
            }
            guard known >= size else { throw BenchFailure("only \(known) of \(size) users were made known in time") }
        }
        _ = try await wrk.buy(at: server.port, seconds: Self.warmUpSeconds, users: "w")
    }

    func measure(_ server: SeckillProcess, seconds: Int, users: String) async throws -> GrowthPoint {
        let soldBefore = try await server.unitsSold()
        // Many connections take a while to make, and that shall be a small part of it.
        let connecting = axis == .connections ? size / 1_000 : 0
        let peak = try await PeakRun.measure(server, wrk, seconds: seconds + connecting, users: users)
        let disturbance = try peak.disturbance()
        var faults: [String] = []
        if peak.loop.failed > 0 { faults.append("\(peak.loop.failed) requests failed") }
        if peak.loop.refused > 0 { faults.append("\(peak.loop.refused) of \(peak.loop.requests) purchases were refused") }
        let sold = try await server.unitsSold() - soldBefore
        // What was under way when the last run hung up may have been sold only after its books were
        // read.
        if let fault = BooksCheck.fault(sold: sold, answered: peak.loop.succeeded, unheardMax: 2 * wrk.connections) { faults.append(fault) }
        return GrowthPoint(
            axis: axis, size: size, loop: peak.loop, cost: peak.cost, residentBytesMax: ProcessMemory.residentMax(of: server.front.pid),
            disturbance: disturbance, faults: faults)
    }

    private var wrk: Wrk {
        var wrk = Wrk(workspace: workspace, connections: axis == .connections ? max(size, 1) : connections)
        if axis == .skusInTurn { wrk.skuCount = max(size, 1) }
        if axis == .salesInTurn { wrk.saleCount = max(size, 1) }
        return wrk
    }
}
