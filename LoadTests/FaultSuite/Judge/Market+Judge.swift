import LoadModel
import LoadSupport

extension Market {
    /// Waits until nothing is under way and every unit is accounted for.
    ///
    /// - Returns: the last reading, and the seconds that it took.
    package func comeToRest(
        soldOut: Bool, within patience: Duration = .seconds(30)
    ) async throws -> (audit: AuditReading, seconds: Double) {
        let start = ContinuousClock.now
        while true {
            let reading = try await audit()
            let elapsed = ContinuousClock.now - start
            if (reading.isAtRest && (!soldOut || reading.available == 0)) || elapsed > patience { return (reading, elapsed.seconds) }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    /// Waits for rest and judges everything that a crowd was told.
    ///
    /// - Parameters:
    ///   - mustBeFelt: the faults hit all nodes at once, so that some purchases must have been
    ///     refused; if none was, nothing was tested.
    package func judge(answersOf crowd: Crowd, _ trial: Trial, mustSellOut: Bool = true, mustBeFelt: Bool = false) async throws {
        let (audit, seconds) = try await comeToRest(soldOut: mustSellOut)
        trial.figureMax("rest_seconds", seconds)
        trial.check("at_rest_in_time", audit.isAtRest && seconds <= 30, "\(audit.isAtRest ? "at rest" : "not at rest") after \(seconds) s")
        let judge = FaultJudge(
            intentions: crowd.intentions, log: crowd.log, books: try await SaleBooks.read(self), audit: audit, mustSellOut: mustSellOut,
            isBehindEdge: isBehindEdge)
        trial.add(judge.findings)
        if mustBeFelt {
            let refused = crowd.log.count(where: \.isRefusedForNow)
            trial.check("faults_are_felt", refused > 0, "\(refused) of \(crowd.log.count) requests refused for the moment or unanswered")
        }
        let figures = CrowdFigures(crowd.log)
        trial.note("sold in each second: \(figures.salesBySecond)")
        trial.figureMax("longest_pause_seconds", figures.longestPause.seconds)
        let moments = trial.record.moments.map { ($0.fault, $0.at - crowd.startedAt) }.filter { $0.1 >= .zero && $0.1 <= crowd.duration }
        trial.add(figures.effects(of: moments))
    }
}
