extension RunReport {
    /// A generator thread that runs more of its time than this reads its answers late, so that its own slowness passes for the target's.
    package static let runningShareLimit = 0.97

    /// Derives every figure and the verdict from what was counted.
    ///
    /// - Parameters:
    ///   - lagLimitMicroseconds: the schedule is kept when 99 % of the arrivals were taken up within it, none was left out, and the generator had time to spare.
    ///   - cpuSeconds: by process, used from the start to the end of the run.
    package init(
        setup: Setup, machine: Machine, tally: Tally, lagLimitMicroseconds: UInt64, cpuSeconds: [ProcessCPU], invariants: [Finding],
        thresholds: [Threshold], isInterrupted: Bool
    ) {
        let elapsed = Double(tally.lastOutcomeAt) / 1e9
        let offering = isInterrupted || tally.skipped > 0 ? Double(tally.lastTakenUpAt) / 1e9 : setup.seconds
        self.schemaVersion = Self.schemaVersionCurrent
        self.setup = setup
        self.machine = machine
        self.offered = tally.offered
        self.skipped = tally.skipped
        self.offeredPerSecond = offering > 0 ? Double(tally.offered) / offering : 0
        self.completed = tally.count(where: \.isAnswered)
        self.completedPerSecond = elapsed > 0 ? Double(completed) / elapsed : 0
        self.elapsedSeconds = elapsed
        self.outcomes = Outcome.allCases.map { outcome in
            let latency = tally.latency(outcome)
            return OutcomeLine(
                outcome: outcome, count: latency.count, perSecond: elapsed > 0 ? Double(latency.count) / elapsed : 0,
                latencyMicroseconds: LatencySummary(latency), timeline: tally.perSecond(outcome))
        }
        self.details = tally.details.map { DetailLine(outcome: $0.key.outcome, detail: $0.key.text, count: $0.value) }
            .sorted { ($1.count, $0.detail) < ($0.count, $1.detail) }
        self.lagMicroseconds = LatencySummary(tally.lag)
        self.lagLimitMicroseconds = lagLimitMicroseconds
        self.generatorBusy = tally.busy
        self.isScheduleKept =
            lagMicroseconds.p99 <= lagLimitMicroseconds && (tally.skipped == 0 || isInterrupted) && tally.busy.running < Self.runningShareLimit
        self.connectionWaitMicroseconds = LatencySummary(tally.connectionWait)
        let answers = completed
        let purchases = tally.count(.committed) + tally.count(.reserved)
        self.cpu = cpuSeconds.map {
            CPUShare(process: $0.name, seconds: $0.seconds, elapsed: elapsed, answers: answers, purchases: purchases)
        }
        self.invariants = invariants
        self.thresholds = thresholds.map { $0.finding(tally, elapsed: elapsed) }
        self.isInterrupted = isInterrupted
        self.exit = RunExit(
            isInterrupted: isInterrupted, isScheduleKept: isScheduleKept, invariants: invariants, thresholds: self.thresholds)
    }
}
