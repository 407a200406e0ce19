import BenchModel
import LoadSupport

/// All audiences in turn, of one service per round.
struct StreamsPlan: Sendable {
    var rounds: Int
    var seconds: Int
    var connections: Int

    private static let warmUpSeconds = 1
    /// Changes of the stock; a stream hears at most one in 400 ms.
    private static let calmPerSecond = 2.0

    func execute() async throws -> StreamReport {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let setup = try await MachineFacts.setup(
            command: "make bench BENCH_FLAGS=streams", rounds: rounds, seconds: seconds, connections: connections)
        var report = StreamReport(setup: setup, measurements: [])
        for round in 1...rounds {
            let server = try await SeckillProcess.start(SeckillProcess.Plan(), workspace)
            report.measurements += try await withCleanUp({ try await measure(round, server, workspace) }, cleanUp: { await server.stop() })
        }
        return report
    }

    private func measure(_ round: Int, _ server: SeckillProcess, _ workspace: Workspace) async throws -> [StreamReport.Measurement] {
        let wrk = Wrk(workspace: workspace, connections: connections)
        _ = try await wrk.buy(at: server.port, seconds: Self.warmUpSeconds, users: "w")
        // Each audience is the first, the second and the last as often as the others: a service
        // that has sold more is not the same.
        let turn = round % Audience.allCases.count
        let order = Audience.allCases[turn...] + Audience.allCases[..<turn]
        var measurements: [StreamReport.Measurement] = []
        for audience in order {
            let address = AudienceAddress(
                streams: audience.streams, hasConsole: audience.hasConsole, port: server.port, adminPort: server.adminPort,
                path: "/v1/sales/\(Sale().name)/events")
            let watchers = try await Watchers.open(address)
            let measured = try await withCleanUp(
                { try await measure(audience, round, watchers, server, wrk, workspace) }, cleanUp: { await watchers.close() })
            Messages.say(
                "round \(round)  \(audience.rawValue): \(Figure.text(measured.peak.perSecond, digits: 0)) purchases/s, "
                    + "\(Figure.text(measured.corePercentWhenCalm, digits: 1)) % of a core when calm")
            measurements.append(measured)
        }
        return measurements
    }

    private func measure(
        _ audience: Audience, _ round: Int, _ watchers: Watchers, _ server: SeckillProcess, _ wrk: Wrk, _ workspace: Workspace
    ) async throws -> StreamReport.Measurement {
        let peak = try await PeakRun.measure(server, wrk, seconds: seconds, users: "\(audience.rawValue)\(round)")
        let disturbanceAtPeak = try peak.disturbance()

        let (before, eventsBefore, start) = (try Reading.take(), watchers.events, ContinuousClock.now)
        let rush = RushClient(workspace: workspace, connections: 1)
        let calm = try await rush.buy(
            at: server.port, rate: Self.calmPerSecond, seconds: seconds, users: "calm-\(audience.rawValue)\(round)-")
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let corePercent = try Reading.take().microseconds(of: server.front.pid, since: before) / elapsed / 1e4
        let events = Double(watchers.events - eventsBefore) / elapsed / Double(max(audience.streams, 1))

        var faults: [String] = []
        if peak.loop.failed > 0 { faults.append("\(peak.loop.failed) purchases failed") }
        if peak.loop.refused > 0 { faults.append("\(peak.loop.refused) of \(peak.loop.requests) purchases were refused") }
        if calm.others > 0 { faults.append("\(calm.others) of the few purchases were not committed") }
        if watchers.lost > 0 { faults.append("\(watchers.lost) streams ended") }
        if audience.streams > 0, events == 0 { faults.append("no stream heard that the stock changed") }
        return StreamReport.Measurement(
            audience: audience, round: round, peak: peak.loop, cost: peak.cost, corePercentWhenCalm: corePercent, eventsPerSecondWhenCalm: events,
            openedWithin: watchers.openedWithin, residentBytes: ProcessMemory.resident(of: server.front.pid), disturbance: disturbanceAtPeak,
            faults: faults)
    }
}
