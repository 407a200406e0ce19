import ArgumentParser
import LoadModel
import SaleCore

/// The opening second and what follows: many users, each buying once, at one rate.
struct Rush: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Many users buy one SKU, arriving at one rate whatever the service does.")

    @Option(help: "The service's public URL, such as http://127.0.0.1:8080.") var target: Target
    @Option(help: "The sale.") var sale: String
    @Option(help: "The SKU.") var sku: String
    @Option(help: "How many users; when more arrive, they come again.") var users: Int
    @Option(help: "Arrivals per second; duplicates come on top.") var rate: Double
    @Option(help: "How long arrivals last, such as 10s.") var duration: DurationOption

    @Option(help: "Connections, kept open, one request at a time on each.") var connections = 256
    @Option(help: "Event loops of the generator.") var threads = 1
    @Option(help: "How to say who buys: trusted-header, or jwt:SECRETFILE for HS256 tokens.") var auth = AuthOption.trustedHeader
    @Option(help: "Units per purchase.") var quantity = 1
    @Option(help: "How arrivals are spaced: constant or poisson.") var spacing = ArrivalPlan.Spacing.constant
    @Option(help: "Seed of the plan.") var seed: UInt64 = 1
    @Option(help: "Share of arrivals that fire several purchases at once, from 0 to 1.") var duplicates = 0.0
    @Option(help: "How many purchases such an arrival fires.") var parallel = 5
    @Flag(help: "Send an Idempotency-Key, one per user.") var idempotencyKeys = false
    @Flag(help: "Send Prefer: respond-async.") var preferAsync = false
    @Option(help: "What the users' names begin with; by default unlike any earlier run's.") var usersPrefix: String?
    @Option(help: "When a request without an answer, or without a connection, is given up.") var timeout = DurationOption(argument: "30s")!

    @Option(help: "Judge by this database (libpq URI or conninfo; needs psql).") var databaseUrl: String?
    @Option(help: "How long the database may take to come to rest before it is judged.") var settle = DurationOption(argument: "10s")!
    @Option(help: "Write report.json, report.txt and the histograms to this folder.") var report: String?
    @Option(name: .shortAndLong, help: "What to print: table or json.") var output = OutputFormat.table
    @Option(help: "Report the CPU time of these processes and their children, such as service=123,postgres=125.") var pids: ProcessesOption?

    @Option(help: "Longest median latency of purchases.") var thresholdP50: DurationOption?
    @Option(help: "Longest latency of 99 % of purchases.") var thresholdP99: DurationOption?
    @Option(help: "Longest latency of 99.9 % of purchases.") var thresholdP999: DurationOption?
    @Option(help: "Largest share of errors, lost answers and unsent purchases, from 0 to 1.") var thresholdFailures: Double?
    @Option(help: "Smallest number of purchases committed per second.") var thresholdCommittedRate: Double?
    @Option(help: "The generator may be so late at most, for 99 % of arrivals.") var lagLimit = DurationOption(argument: "10ms")!

    func validate() throws {
        func require(_ condition: Bool, _ message: String) throws {
            if !condition { throw ValidationError(message) }
        }
        try require(SaleID(sale) != nil, "--sale must be 1–64 of a-z 0-9 . _ -")
        try require(SKU(sku) != nil, "--sku must be 1–64 of a-z 0-9 . _ -")
        try require((1...100_000_000).contains(users), "--users must be between 1 and 100000000")
        try require(rate > 0 && rate <= 10_000_000, "--rate must be above 0 and at most 10000000")
        try require((1...65_535).contains(connections), "--connections must be between 1 and 65535")
        try require((1...64).contains(threads) && threads <= connections, "--threads must be between 1 and 64, and not above --connections")
        try require((1...1_000).contains(quantity), "--quantity must be between 1 and 1000")
        try require((0...1).contains(duplicates), "--duplicates must be between 0 and 1")
        try require((2...1_000).contains(parallel), "--parallel must be between 2 and 1000")
        try require(usersPrefix.map { UserID($0) != nil && $0.utf8.count <= 100 } ?? true, "--users-prefix must be 1–100 visible ASCII characters")
        try require(thresholdFailures.map { (0...1).contains($0) } ?? true, "--threshold-failures must be between 0 and 1")
        for process in pids?.processes ?? [] {
            try require(ProcessTree.exists(process.pid), "--pids: there is no process \(process.pid) (\(process.name))")
        }
    }

    func run() async throws {
        let status = try await RushRun(self).execute()
        if status != .ok { throw ExitCode(status.rawValue) }
    }

    var thresholds: [Threshold] {
        func latency(_ percentile: Double, _ option: DurationOption?) -> Threshold? {
            option.map { .latency(percentile: percentile, microseconds: $0.duration.nanosecondsCount / 1_000) }
        }
        let all: [Threshold?] = [
            latency(50, thresholdP50), latency(99, thresholdP99), latency(99.9, thresholdP999),
            thresholdFailures.map { .failures(share: $0) }, thresholdCommittedRate.map { .committed(perSecond: $0) },
        ]
        return all.compactMap { $0 }
    }
}
