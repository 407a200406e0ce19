import ArgumentParser
import LoadClient
import LoadModel
import LoadSupport
import SaleCore

/// What every scenario needs to know.
struct CommonOptions: ParsableArguments {
    @Option(help: "The service's public URL, such as http://127.0.0.1:8080.") var target: Target
    @Option(help: "The sale.") var sale: String
    @Option(help: "The SKU.") var sku: String
    @Option(help: "How many users; when more arrive, they come again.") var users: Int

    @Option(help: "Connections, kept open, one request at a time on each.") var connections = 256
    @Option(help: "Event loops of the generator.") var threads = 1
    @Option(help: "How to say who buys: trusted-header, or jwt:SECRETFILE for HS256 tokens.") var auth = AuthOption.trustedHeader
    @Option(help: "Units per purchase.") var quantity = 1
    @Option(help: "How arrivals are spaced: constant or poisson.") var spacing = ArrivalPlan.Spacing.constant
    @Option(help: "Seed of the plan.") var seed: UInt64 = 1
    @Flag(help: "Send Prefer: respond-async.") var preferAsync = false
    @Option(help: "What the users' names begin with; by default unlike any earlier run's.") var usersPrefix: String?
    @Option(help: "When a request without an answer, or without a connection, is given up.") var timeout = DurationOption(argument: "30s")!

    @Option(help: "Judge by this database (libpq URI or conninfo; needs psql).") var databaseUrl: String?
    @Option(help: "How long the database may take to come to rest before it is judged.") var settle = DurationOption(argument: "10s")!
    @Option(help: "Write report.html, report.json, report.txt and the histograms to this folder.") var report: String?
    @Option(name: .shortAndLong, help: "What to print: table or json.") var output = OutputFormat.table
    @Option(help: "Report CPU time and memory of these processes and their children, such as service=123,postgres=125.")
    var pids: ProcessesOption?
    @Option(help: "Read the service's metrics once a second, such as http://127.0.0.1:9090/metrics.") var metricsUrl: Target?
    @Option(help: "The generator may be so late at most, for 99 % of arrivals.") var lagLimit = DurationOption(argument: "10ms")!

    func validate() throws {
        try require(SaleID(sale) != nil, "--sale must be 1–64 of a-z 0-9 . _ -")
        try require(SKU(sku) != nil, "--sku must be 1–64 of a-z 0-9 . _ -")
        try require((1...100_000_000).contains(users), "--users must be between 1 and 100000000")
        try require((1...65_535).contains(connections), "--connections must be between 1 and 65535")
        try require((1...64).contains(threads) && threads <= connections, "--threads must be between 1 and 64, and not above --connections")
        try require((1...1_000).contains(quantity), "--quantity must be between 1 and 1000")
        try require(usersPrefix.map { UserID($0) != nil && $0.utf8.count <= 100 } ?? true, "--users-prefix must be 1–100 visible ASCII characters")
        for process in pids?.processes ?? [] {
            try require(ProcessStat.read(process.pid) != nil, "--pids: there is no process \(process.pid) (\(process.name))")
        }
    }
}

/// Refuses a command line whose options do not make sense.
func require(_ condition: Bool, _ message: String) throws {
    if !condition { throw ValidationError(message) }
}

func requireRate(_ rate: Double, _ name: String) throws {
    try require(rate > 0 && rate <= 10_000_000, "\(name) must be above 0 and at most 10000000")
}
