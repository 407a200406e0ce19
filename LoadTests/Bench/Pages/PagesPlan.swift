import BenchModel
import LoadSupport
import PrivateServers

/// All pages in turn, of one service that nobody else uses.
struct PagesPlan: Sendable {
    var rounds: Int
    var seconds: Int
    var connections: Int

    private static let small = Sale(number: 0, skuCount: 4, stock: 1)
    private static let large = Sale(number: 1, skuCount: 10_000, stock: 1)
    private static let origin = "https://shop.example"

    func execute() async throws -> PageReport {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let setup = try await MachineFacts.setup(
            command: "make bench BENCH_FLAGS=pages", rounds: rounds, seconds: seconds, connections: connections)
        var plan = SeckillProcess.Plan(sales: [Self.small, Self.large], eventLoops: 1, core: 0)
        plan.settings = ["SECKILL_CORS_ORIGINS": Self.origin]
        let server = try await SeckillProcess.start(plan, workspace)
        return try await withCleanUp({ try await measure(server, workspace, setup) }, cleanUp: { await server.stop() })
    }

    private func measure(_ server: SeckillProcess, _ workspace: Workspace, _ setup: CompareReport.Setup) async throws -> PageReport {
        var report = PageReport(setup: setup, measurements: [])
        let wrk = Wrk(workspace: workspace, connections: connections, core: ThisMachine.cores - 1)
        // Takes the only unit of what is refused later.
        _ = try await wrk.buy(at: server.port, seconds: 1, users: "w")
        for round in 1...rounds {
            for page in Page.allCases {
                let measured = try await measure(page, round, server, wrk)
                report.measurements.append(measured)
                Messages.say(
                    "round \(round)  \(page.rawValue): \(Figure.text(measured.peak.perSecond, digits: 0))/s, server CPU "
                        + "\(Figure.text(measured.cost.ofServers, digits: 1)) µs")
            }
        }
        return report
    }

    private func measure(_ page: Page, _ round: Int, _ server: SeckillProcess, _ wrk: Wrk) async throws -> PageReport.Measurement {
        guard page != .refusal else {
            let run = try await PeakRun.measure(server, seconds: seconds) { try await wrk.buy(at: server.port, seconds: $0, users: "r\(round)") }
            let faults = run.loop.succeeded > 0 ? ["\(run.loop.succeeded) requests were not refused"] : []
            return try measurement(page, round, run, faults)
        }
        let request = try request(page, server.port)
        var faults: [String] = []
        let answer = LocalPort.ask(server.port, request.text) ?? "nothing"
        if !answer.hasPrefix("HTTP/1.1 \(request.status) ") { faults.append("the answer is \(answer.prefix(60))") }
        let run = try await PeakRun.measure(server, seconds: seconds) { try await wrk.ask(request.words, at: server.port, seconds: $0) }
        if run.loop.refused > 0 { faults.append("\(run.loop.refused) requests were refused") }
        return try measurement(page, round, run, faults)
    }

    private func measurement(_ page: Page, _ round: Int, _ run: PeakRun, _ faults: [String]) throws -> PageReport.Measurement {
        let lost = run.loop.failed > 0 ? ["\(run.loop.failed) requests failed"] : []
        return PageReport.Measurement(
            page: page, round: round, peak: run.loop, cost: run.cost, disturbance: try run.disturbance(), faults: faults + lost)
    }

    private func request(_ page: Page, _ port: Int) throws -> PageRequest {
        let (small, large) = ("/v1/sales/\(Self.small.name)", "/v1/sales/\(Self.large.name)")
        switch page {
        case .refusal, .sale: return PageRequest("GET", small, [], 200)
        case .unchangedSale: return PageRequest("GET", small, ["If-None-Match: \(try tag(of: small, port))"], 304)
        case .unchangedLargeSale: return PageRequest("GET", large, ["If-None-Match: \(try tag(of: large, port))"], 304)
        case .preflight:
            let asked = [
                "Origin: \(Self.origin)", "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type,idempotency-key",
            ]
            return PageRequest("OPTIONS", "\(small)/orders", asked, 204)
        }
    }

    private func tag(of path: String, _ port: Int) throws -> String {
        let answer = LocalPort.ask(port, PageRequest("GET", path, [], 200).text) ?? ""
        guard let tag = answer.firstMatch(of: /(?i)\r\netag: (.*)\r\n/)?.output.1 else { throw BenchFailure("\(path) has no ETag: \(answer)") }
        return String(tag)
    }
}
