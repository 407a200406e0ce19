import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// Runs worlds by their seeds, and one of them with its story.
@main struct SeckillSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seckill-simulate",
        abstract: "Run the service in simulated worlds, each from a seed, and judge them.",
        discussion: "Ends with 4 when a promise was broken; the seed of that world tells the whole story again with --seed.")

    @Option(help: "How many worlds to run.")
    var seeds: UInt64 = 10_000
    @Option(help: "The first seed.")
    var first: UInt64 = 1
    @Option(help: "Run the world of this seed alone, and tell its story.")
    var seed: UInt64?
    @Option(help: "Worlds at a time; each takes a core.")
    var parallel = 2
    @Flag(help: "Worlds of nodes that send webhooks, instead of sales.")
    var webhooks = false
    @Flag(help: "Stop at the first world with a broken promise.")
    var untilBroken = false
    @Option(help: ArgumentHelp("Switch a guard off, to see that it is missed.", valueName: "name"))
    var flaw: [String] = []

    @Flag(help: "Only name the guards that can be switched off.")
    var listFlaws = false

    func validate() throws {
        guard (1...256).contains(parallel) else { throw ValidationError("--parallel must be 1 to 256") }
        _ = try flaws()
    }

    private func flaws() throws -> Flaws {
        var flaws = Flaws()
        for name in flaw {
            if webhooks, let flaw = WebhookWorld.Flaw(rawValue: name) {
                flaws.webhooks.insert(flaw)
            } else if !webhooks, let flaw = SimulatedRedis.Flaw(rawValue: name) {
                flaws.redis.insert(flaw)
            } else if !webhooks, let flaw = SimulatedPostgres.Flaw(rawValue: name) {
                flaws.postgres.insert(flaw)
            } else {
                throw ValidationError("there is no flaw \(name); there are \(flawNames.joined(separator: ", "))")
            }
        }
        return flaws
    }

    private var flawNames: [String] {
        webhooks
            ? WebhookWorld.Flaw.allCases.map(\.rawValue)
            : SimulatedRedis.Flaw.allCases.map(\.rawValue) + SimulatedPostgres.Flaw.allCases.map(\.rawValue)
    }

    func run() throws {
        if listFlaws { return print(flawNames.joined(separator: "\n")) }
        try Self.hashAlike()
        if let seed { return try tell(seed) }
        let tally = try runAll()
        print(tally.summary)
        for world in tally.broken.prefix(10) { print("seed \(world.seed): \(world.violation)") }
        if !tally.broken.isEmpty { throw ExitCode(4) }
    }

    /// The order of a set must be the same in every run: the standard library looks for this
    /// variable when a process starts.
    private static func hashAlike() throws {
        let variable = "SWIFT_DETERMINISTIC_HASHING"
        // No other thread reads the environment yet.
        guard unsafe getenv(variable) == nil else { return }
        unsafe setenv(variable, "1", 1)
        // Copies that nobody frees, as the program that owns them ends here.
        var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) } + [nil]
        unsafe execv("/proc/self/exe", &arguments)
        throw ValidationError("cannot start itself anew: errno \(errno)")
    }

    private func tell(_ seed: UInt64) throws {
        let violations: [String]
        if webhooks {
            let report = WebhookWorld(seed: seed, flaws: try flaws().webhooks).run { instant, event in print("\(instant / 1_000)  \(event)") }
            print("seed \(seed): \(report.events) events, \(report.requests) requests")
            violations = report.violations
        } else {
            let report = Simulation(seed: seed, flaws: try flaws()).run { instant, event in print("\(instant / 1_000)  \(event)") }
            print(
                "seed \(seed): \(report.purchases) purchases, \(report.confirmed) confirmed, \(report.faults) faults, fingerprint \(report.fingerprint)"
            )
            violations = report.violations
        }
        for violation in violations { print(violation) }
        if !violations.isEmpty { throw ExitCode(4) }
    }

    private func runAll() throws -> Tally {
        let (flaws, untilBroken, webhooks) = (try flaws(), untilBroken, webhooks)
        let tally = Mutex(Tally())
        let next = Atomic<UInt64>(first)
        let end = first + seeds
        let clock = ContinuousClock()
        let started = clock.now
        Workers.run(parallel) {
            while true {
                let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard seed < end, !untilBroken || tally.withLock({ $0.broken.isEmpty }) else { return }
                if webhooks {
                    let report = WebhookWorld(seed: seed, flaws: flaws.webhooks).run()
                    tally.withLock { $0.add(report) }
                } else {
                    let report = Simulation(seed: seed, flaws: flaws).run()
                    tally.withLock { $0.add(report) }
                }
            }
        }
        return tally.withLock {
            $0.seconds = started.duration(to: clock.now) / .seconds(1)
            return $0
        }
    }
}
