import ArgumentParser
import LoadModel

/// What a subcommand adds to the engine that all share.
protocol Scenario: AsyncParsableCommand, Sendable {
    var common: CommonOptions { get }
    var plan: TrafficPlan { get }
    var thresholds: [Threshold] { get }
    /// Whether the run must know what the service shows of the SKU.
    var needsItem: Bool { get }
    /// The file with the secret of the payment provider, when the scenario pays.
    var paymentSecretFile: String? { get }
    /// Says in the report what the common options do not.
    func describe(_ setup: inout RunReport.Setup)
    /// Rules of this scenario alone.
    func findings(_ evidence: Evidence) -> [Finding]
    /// Thresholds of this scenario alone.
    func thresholdFindings(_ evidence: Evidence) -> [Finding]
    /// Whether the run is to end now, by what was counted so far and the seconds since its start.
    func isOver(_ progress: WorkerProgress, after seconds: Double) -> Bool
    /// Which counts the thresholds are about.
    func measured(_ result: WorkerResult) -> Tally?
    /// Adds to the report what only this scenario finds.
    func complete(_ report: inout RunReport, _ evidence: Evidence)
}

extension Scenario {
    /// As it is called on the command line.
    static var name: String { _commandName }
    var needsItem: Bool { paymentSecretFile != nil }
    var paymentSecretFile: String? { nil }
    func describe(_ setup: inout RunReport.Setup) {}
    func findings(_ evidence: Evidence) -> [Finding] { [] }
    func thresholdFindings(_ evidence: Evidence) -> [Finding] { [] }
    func isOver(_ progress: WorkerProgress, after seconds: Double) -> Bool { false }
    func measured(_ result: WorkerResult) -> Tally? { nil }
    func complete(_ report: inout RunReport, _ evidence: Evidence) {}

    func run() async throws {
        let status = try await ScenarioRun(self).execute()
        if status != .ok { throw ExitCode(status.rawValue) }
    }
}

/// What there is to judge by when a run has ended.
struct Evidence: Sendable {
    /// Of all purchases.
    var tally: Tally
    var result: WorkerResult
    /// Read before the first purchase, when the scenario needs it.
    var item: ItemReading?
    /// The same at rest, with a database.
    var itemAfter: ItemReading?
    var samples: [MachineSample]
    var isInterrupted: Bool
    /// With a database.
    var books: (before: DatabaseReading, after: DatabaseReading)?
}
