extension RunReport {
    /// A generator thread that runs more of its time than this reads its answers late, so that its
    /// own slowness passes for the target's.
    package static let runningShareLimit = 0.97

    /// Derives every figure and the verdict from what was counted.
    ///
    /// - Parameters:
    ///   - lagLimitMicroseconds: the schedule is kept when 99 % of the arrivals were taken up
    ///     within it, none was left out, and the generator had time to spare.
    ///   - used: by process, from the start to the end of the run.
    ///   - measured: what the thresholds are about, when that is not the whole.
    ///   - moreThresholds: the scenario's own.
    ///   - endedEarly: as the scenario wanted it.
    package init(
        setup: Setup, machine: Machine, tally: Tally, groups: [(name: String, tally: Tally)] = [], samples: [MachineSample] = [],
        lagLimitMicroseconds: UInt64, used: [ProcessReading], invariants: [Finding], thresholds: [Threshold], measured: Tally? = nil,
        moreThresholds: [Finding] = [], isInterrupted: Bool, endedEarly: Bool = false
    ) {
        let elapsed = Double(tally.lastOutcomeAt) / 1e9
        let offering = isInterrupted || endedEarly || tally.skipped > 0 ? Double(tally.lastTakenUpAt) / 1e9 : setup.seconds
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
                outcome: outcome, group: outcome.group, count: latency.count, perSecond: elapsed > 0 ? Double(latency.count) / elapsed : 0,
                latencyMicroseconds: LatencySummary(latency), timeline: tally.perSecond(outcome), curve: latency.curve)
        }
        self.groups = groups.count > 1 ? groups.map { GroupLine($0.name, $0.tally) } : []
        self.series = RunSeries(tally, samples: samples)
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
        self.cpu = used.map {
            CPUShare(process: $0.name, seconds: $0.cpuSeconds, elapsed: elapsed, answers: answers, purchases: purchases)
        }
        self.invariants = invariants
        self.thresholds = thresholds.map { $0.finding(measured ?? tally, elapsed: elapsed) } + moreThresholds
        self.isInterrupted = isInterrupted
        self.exit = RunExit(
            isInterrupted: isInterrupted, isScheduleKept: isScheduleKept, invariants: invariants, thresholds: self.thresholds)
    }
}

extension RunReport.GroupLine {
    init(_ name: String, _ tally: Tally) {
        self.name = name
        offered = tally.offered
        outcomes = Outcome.allCases.filter { tally.count($0) > 0 }.map {
            Counted(outcome: $0, count: tally.count($0), latencyMicroseconds: LatencySummary(tally.latency($0)))
        }
    }
}
