import LoadModel
import LoadSupport
import NIOCore
import Synchronization

/// Runs a fleet, and meanwhile samples the machine, shows how far the run is, and ends it early
/// when the scenario or an interrupt says so.
struct RunWatch<S: Scenario> {
    private static var leadTime: TimeAmount { .milliseconds(20) }

    let scenario: S
    let fleet: Fleet
    let sampler: Sampler

    /// The result, and whether the scenario ended the run before its plan did.
    func run(_ interrupts: Interrupts) async throws -> (result: WorkerResult, wasEnded: Bool) {
        interrupts.whenInterrupted { [fleet] in fleet.interrupt() }
        defer { interrupts.whenInterrupted(nil) }
        let startsAt = NIODeadline.now() + Self.leadTime
        let wasEnded = OnceFlag()
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await sampler.run(startingAt: startsAt) }
            tasks.addTask { try await follow(from: startsAt, wasEnded) }
            defer { tasks.cancelAll() }
            let result = try await fleet.run(startingAt: startsAt)
            return (result, wasEnded.isRaised)
        }
    }

    /// Looks at the run once a second.
    private func follow(from start: NIODeadline, _ wasEnded: OnceFlag) async throws {
        var view = LiveView()
        defer { view.clear() }
        let plan = scenario.plan
        while true {
            try await Task.sleep(for: .seconds(1))
            let progress = try await fleet.progress()
            let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
            view.show(
                LiveFrame(
                    scenario: S.name, tally: progress.total, seconds: seconds, planned: plan.seconds, inFlight: progress.inFlight,
                    waiting: progress.waiting))
            if !wasEnded.isRaised, scenario.isOver(progress, after: seconds) {
                wasEnded.raise()
                fleet.finish()
            }
        }
    }
}

/// Is raised once and stays so.
private final class OnceFlag: Sendable {
    private let raised = Mutex(false)

    var isRaised: Bool { raised.withLock { $0 } }
    func raise() { raised.withLock { $0 = true } }
}
