import BenchModel
import LoadSupport

/// Measures one contender once, on servers that exist only for this.
struct RoundRun: Sendable {
    let contender: Contender
    let number: Int
    let seconds: Int
    let connections: Int
    /// Stalls of the stores come every few seconds: shorter, and a run may see none.
    let halfLoadSeconds: Int
    let workspace: Workspace

    /// Fills pools of connections, plans and caches.
    private static let warmUpSeconds = 1
    private static let idleSeconds = 2
    /// Of one client.
    private static let idlePerSecond = 100.0

    func execute() async throws -> Round {
        let server = try await start()
        return try await withCleanUp({ try await measure(server) }, cleanUp: { await server.stop() })
    }

    private func start() async throws -> any Server {
        let core = contender.isOnOneCore ? 0 : nil
        switch contender {
        case .serviceBuys: return try await SeckillProcess.start(SeckillProcess.Plan(), workspace)
        case .luaBuys: return try await LuaServer.start(appendOnly: false, workspace)
        case .luaBuysAppending: return try await LuaServer.start(appendOnly: true, workspace)
        case .serviceRefuses, .serviceRefusesOnOneCore:
            var plan = SeckillProcess.Plan(sales: [Sale(stock: 1)], core: core)
            if contender.isOnOneCore { plan.eventLoops = 1 }
            return try await SeckillProcess.start(plan, workspace)
        case .nginxRefuses, .nginxRefusesOnOneCore:
            return try await FixedServer.start(workers: contender.isOnOneCore ? 1 : 2, core: core, workspace)
        }
    }

    private func measure(_ server: any Server) async throws -> Round {
        // The last core: where there are two, the one that the server leaves.
        let wrk = Wrk(workspace: workspace, connections: connections, core: contender.isOnOneCore ? ThisMachine.cores - 1 : nil)
        let warmUp = try await wrk.buy(at: server.port, seconds: Self.warmUpSeconds, users: "w\(number)")

        let peak = try await PeakRun.measure(server, wrk, seconds: seconds, users: "p\(number)")
        let rush = RushClient(workspace: workspace, connections: connections)
        let single = RushClient(workspace: workspace, connections: 1)
        var (halfLoad, idle): (OpenLoop?, OpenLoop?)
        if contender.buys {
            let half = (peak.loop.perSecond / 2).rounded()
            halfLoad = try await rush.buy(at: server.port, rate: half, seconds: halfLoadSeconds, users: "h\(number)-")
            idle = try await single.buy(at: server.port, rate: Self.idlePerSecond, seconds: Self.idleSeconds, users: "i\(number)-")
        }
        var round = Round(
            contender: contender, number: number, peak: peak.loop, cost: peak.cost,
            residentBytesMax: server is SeckillProcess ? ProcessMemory.residentMax(of: server.front.pid) : nil, halfLoad: halfLoad, idle: idle,
            disturbance: try peak.disturbance(), faults: [])
        round.faults = try await faults(of: round, warmUp: warmUp, server)
        return round
    }

    private func faults(of round: Round, warmUp: ClosedLoop, _ server: any Server) async throws -> [String] {
        var faults: [String] = []
        let loops = [warmUp, round.peak]
        let failed = loops.reduce(0) { $0 + $1.failed }
        if failed > 0 { faults.append("\(failed) requests failed") }
        if contender.buys {
            if round.peak.refused > 0 { faults.append("\(round.peak.refused) of \(round.peak.requests) purchases were refused") }
            let open = [round.halfLoad, round.idle].compactMap { $0 }
            let others = open.reduce(0) { $0 + $1.others }
            if others > 0 { faults.append("\(others) purchases of the open loop were not committed") }
            let answered = loops.reduce(0) { $0 + $1.succeeded } + open.reduce(0) { $0 + $1.committed }
            let sold = try await server.unitsSold()
            if let fault = BooksCheck.fault(sold: sold, answered: answered, unheardMax: loops.count * connections) { faults.append(fault) }
        } else {
            if round.peak.succeeded > 0 { faults.append("\(round.peak.succeeded) requests were not refused") }
            let sold = try await server.unitsSold()
            if sold > 1 { faults.append("\(sold) units of 1 were sold") }
        }
        return faults
    }
}
