import HeapModule
package import SaleCore

/// One thread on which a whole world runs: virtual time, and one step after the other, in an order
/// that the seed chooses.
///
/// Time stands still while anything is ready to run, and jumps to the next event when nothing is.
package final class Scheduler: @unchecked Sendable {
    /// What every monotonic clock of the world shows.
    package private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    package var random: SimulationRandom
    private var events = Heap<Event>()
    private var eventCount: UInt64 = 0
    private var ready: [Ready] = []
    package private(set) var stepCount = 0

    private enum Ready {
        case job(UnownedJob, SimulatedProcess)
        case loop(SimulatedEventLoop)

        var process: SimulatedProcess {
            switch self {
            case .job(_, let process): process
            case .loop(let loop): loop.process
            }
        }
    }

    private struct Event: Comparable {
        let instant: MonotonicInstant
        let number: UInt64
        let body: () -> Void

        static func < (a: Self, b: Self) -> Bool { (a.instant, a.number) < (b.instant, b.number) }
        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    }

    package init(seed: UInt64) {
        random = SimulationRandom(seed: seed)
    }

    /// Since the world began, in whole milliseconds.
    package var milliseconds: Int64 { Int64(now.nanoseconds / 1_000_000) }

    package func at(_ instant: MonotonicInstant, _ body: @escaping () -> Void) {
        eventCount += 1
        events.insert(Event(instant: max(instant, now), number: eventCount, body: body))
    }

    package func after(_ nanoseconds: UInt64, _ body: @escaping () -> Void) {
        at(now + nanoseconds, body)
    }

    func enqueue(_ job: UnownedJob, of process: SimulatedProcess) {
        ready.append(.job(job, process))
    }

    func enqueue(_ loop: SimulatedEventLoop) {
        ready.append(.loop(loop))
    }

    /// Takes what is ready of `process` off the schedule: its jobs end elsewhere, where they reach
    /// nothing of this world.
    func forget(_ process: SimulatedProcess) {
        let own = ready.filter { $0.process === process }
        ready.removeAll { $0.process === process }
        for case .job(let job, _) in own { process.abandon(job) }
    }

    /// Runs until `condition` holds or `instant` is reached.
    ///
    /// - Returns: whether the condition holds.
    package func run(until instant: MonotonicInstant, or condition: () -> Bool = { false }) -> Bool {
        while !condition() {
            if !ready.isEmpty {
                step()
            } else if let event = events.min, event.instant <= instant {
                events.removeMin()
                now = event.instant
                event.body()
            } else {
                now = max(now, instant)
                return condition()
            }
        }
        return true
    }

    private func step() {
        stepCount += 1
        let index = ready.count == 1 ? 0 : Int.random(in: 0..<ready.count, using: &random)
        ready.swapAt(index, ready.count - 1)
        let next = ready.removeLast()
        if let resumesAt = next.process.pausedUntil, resumesAt > now {
            return at(resumesAt) { [self] in
                if !next.process.isDead { ready.append(next) } else if case .job(let job, let process) = next { process.abandon(job) }
            }
        }
        switch next {
        // The job holds its executor, and runs here and now.
        case .job(let job, let process): unsafe job.runSynchronously(on: process.asUnownedTaskExecutor())
        case .loop(let loop): loop.runNext()
        }
    }

    /// Ends the world: events that have not come never will.
    package func stop() {
        events = Heap()
        ready = []
    }
}
