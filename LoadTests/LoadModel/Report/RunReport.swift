/// Everything that is to be known of a run, as the report file holds it.
package struct RunReport: Sendable, Codable, Equatable {
    /// Grows when a reader of the file must change.
    package static let schemaVersionCurrent = 2

    package struct Setup: Sendable, Codable, Equatable {
        package var scenario: String
        package var target: String
        package var sale: String
        package var sku: String
        package var quantity: Int
        package var users: Int
        package var usersPrefix: String
        /// Arrivals per second; duplicates come on top.
        package var rate: Double
        package var seconds: Double
        package var spacing: String
        package var seed: UInt64
        package var duplicateShare: Double
        package var parallel: Int
        package var idempotencyKeys: Bool
        package var preferAsync: Bool
        package var auth: String
        package var connections: Int
        package var threads: Int
        package var startedAt: String
        /// What this scenario has beyond others.
        package var facts: [Fact]
        /// What a shell runs to do it again; `nil` for several runs, and in reports of an earlier
        /// version.
        package var command: String?

        package init(
            scenario: String, target: String, sale: String, sku: String, quantity: Int, users: Int, usersPrefix: String, rate: Double,
            seconds: Double, spacing: String, seed: UInt64, duplicateShare: Double, parallel: Int, idempotencyKeys: Bool, preferAsync: Bool,
            auth: String, connections: Int, threads: Int, startedAt: String, facts: [Fact] = []
        ) {
            self.scenario = scenario
            self.target = target
            self.sale = sale
            self.sku = sku
            self.quantity = quantity
            self.users = users
            self.usersPrefix = usersPrefix
            self.rate = rate
            self.seconds = seconds
            self.spacing = spacing
            self.seed = seed
            self.duplicateShare = duplicateShare
            self.parallel = parallel
            self.idempotencyKeys = idempotencyKeys
            self.preferAsync = preferAsync
            self.auth = auth
            self.connections = connections
            self.threads = threads
            self.startedAt = startedAt
            self.facts = facts
        }
    }

    package struct Fact: Sendable, Codable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Machine: Sendable, Codable, Equatable {
        package var cpuModel: String
        package var cores: Int
        package var kernel: String

        package init(cpuModel: String, cores: Int, kernel: String) {
            self.cpuModel = cpuModel
            self.cores = cores
            self.kernel = kernel
        }
    }

    package struct OutcomeLine: Sendable, Codable, Equatable {
        package var outcome: Outcome
        package var group: OutcomeGroup
        package var count: UInt64
        package var perSecond: Double
        /// From the intended instant.
        package var latencyMicroseconds: LatencySummary
        /// Counts by second of the answer.
        package var timeline: [UInt64]
        package var curve: [CurvePoint]
    }

    /// A part of the run that was counted apart.
    package struct GroupLine: Sendable, Codable, Equatable {
        package struct Counted: Sendable, Codable, Equatable {
            package var outcome: Outcome
            package var count: UInt64
            package var latencyMicroseconds: LatencySummary
        }

        package var name: String
        package var offered: UInt64
        /// Those that occurred.
        package var outcomes: [Counted]
    }

    package struct DetailLine: Sendable, Codable, Equatable {
        package var outcome: Outcome
        package var detail: String
        package var count: UInt64
    }

    package var schemaVersion: Int
    package var setup: Setup
    package var machine: Machine
    package var offered: UInt64
    package var skipped: UInt64
    package var offeredPerSecond: Double
    package var completed: UInt64
    package var completedPerSecond: Double
    /// From the start to the last outcome.
    package var elapsedSeconds: Double
    package var outcomes: [OutcomeLine]
    /// Empty when nothing was counted apart.
    package var groups: [GroupLine]
    package var series: RunSeries
    package var details: [DetailLine]
    package var lagMicroseconds: LatencySummary
    package var lagLimitMicroseconds: UInt64
    package var generatorBusy: ThreadShare
    package var isScheduleKept: Bool
    package var connectionWaitMicroseconds: LatencySummary
    package var cpu: [CPUShare]
    package var invariants: [Finding]
    package var thresholds: [Finding]
    package var isInterrupted: Bool
    package var exit: RunExit
    /// Of a ramp.
    package var ramp: RampResult?
    /// Of a soak.
    package var drifts: [Trend]?

    /// Takes a scenario's own view of whether the schedule was kept.
    package mutating func setScheduleKept(_ isKept: Bool) {
        isScheduleKept = isKept
        exit = RunExit(isInterrupted: isInterrupted, isScheduleKept: isKept, invariants: invariants, thresholds: thresholds)
    }
}

/// The usual percentiles of a histogram, in microseconds.
package struct LatencySummary: Sendable, Codable, Equatable {
    package var mean: Double
    package var p50: UInt64
    package var p90: UInt64
    package var p99: UInt64
    package var p999: UInt64
    package var max: UInt64

    package init(_ histogram: LatencyHistogram) {
        mean = histogram.mean
        p50 = histogram.microseconds(atPercentile: 50)
        p90 = histogram.microseconds(atPercentile: 90)
        p99 = histogram.microseconds(atPercentile: 99)
        p999 = histogram.microseconds(atPercentile: 99.9)
        max = histogram.max
    }
}
