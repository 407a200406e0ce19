import Foundation
import LoadModel
import LoadSupport

/// The built `seckill-load`, run as a shell would.
enum LoadCommand {
    static func start(_ arguments: [String]) throws -> RunningSubprocess {
        try Subprocess(Subprocess.built("seckill-load")).start(arguments)
    }

    /// Generators that start at once make one another late.
    private static let places = AsyncSemaphore(4)

    /// Runs to the end.
    static func run(_ arguments: [String]) async throws -> Subprocess.Outcome {
        await places.enter()
        do {
            let outcome = try await start(arguments).outcome()
            await places.leave()
            return outcome
        } catch {
            await places.leave()
            throw error
        }
    }

    /// Runs `rush` for JSON, with what every rush needs; later arguments are added.
    static func rush(_ target: String, users: Int = 1_000, rate: Double, duration: String, _ more: String...) async throws -> Subprocess.Outcome {
        try await run(rushArguments(target, users: users, rate: rate, duration: duration) + more)
    }

    static func rushArguments(_ target: String, users: Int = 1_000, rate: Double, duration: String) -> [String] {
        [
            "rush", "--target", target, "--sale", "demo", "--sku", "phone-x", "--users", "\(users)", "--rate", "\(rate)", "--duration",
            duration, "-o", "json", "--connections", "8", "--lag-limit", "1h",
        ]
    }
}

extension Subprocess.Outcome {
    /// Standard output as the JSON report.
    func report() throws -> RunReport { try ReportJSON.decode(RunReport.self, from: Data(data.utf8)) }
}

extension RunReport {
    func count(_ outcome: Outcome) -> UInt64 { outcomes.first { $0.outcome == outcome }?.count ?? 0 }
    func latency(_ outcome: Outcome) -> LatencySummary? { outcomes.first { $0.outcome == outcome }?.latencyMicroseconds }
    var failedRules: [String] { (invariants + thresholds).filter { !$0.passed }.map(\.rule) }
}
