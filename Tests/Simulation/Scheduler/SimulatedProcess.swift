import SaleCore
import SaleService
import Synchronization

/// One process of the world: its tasks run on the world's schedule until it is killed. What it had
/// under way then is cancelled and runs out on real threads, for the memory's sake alone: nothing
/// of the world hears of it.
package final class SimulatedProcess: TaskExecutor, @unchecked Sendable {
    package let name: String
    let scheduler: Scheduler
    private let dead = Atomic<Bool>(false)
    private let inner = Mutex(Inner())
    private var loops: [SimulatedEventLoop] = []
    /// It does not run before this instant, as after SIGSTOP.
    var pausedUntil: MonotonicInstant?

    private struct Inner {
        var count: UInt64 = 0
        /// What must be told that the process is gone.
        var waiting: [UInt64: @Sendable () -> Void] = [:]
        var tasks: [UInt64: Task<Void, Never>] = [:]
    }

    package init(name: String, scheduler: Scheduler) {
        self.name = name
        self.scheduler = scheduler
    }

    package var isDead: Bool { dead.load(ordering: .acquiring) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isDead { abandon(job) } else { scheduler.enqueue(job, of: self) }
    }

    func abandon(_ job: UnownedJob) {
        globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }

    func makeLoop() -> SimulatedEventLoop {
        let loop = SimulatedEventLoop(process: self)
        loops.append(loop)
        return loop
    }

    package func kill() {
        dead.store(true, ordering: .releasing)
        for loop in loops { loop.kill() }
        scheduler.forget(self)
        let (tasks, waiting) = inner.withLock { inner in
            defer { (inner.tasks, inner.waiting) = ([:], [:]) }
            return (inner.tasks, inner.waiting)
        }
        for (_, task) in tasks.sorted(by: { $0.key < $1.key }) { task.cancel() }
        for (_, tell) in waiting.sorted(by: { $0.key < $1.key }) { tell() }
        loops = []
    }

    // MARK: What a process does

    package func spawn(_ work: @escaping @Sendable () async -> Void) {
        let number = number()
        let task = Task(executorPreference: self) {
            await work()
            self.inner.withLock { _ = $0.tasks.removeValue(forKey: number) }
        }
        inner.withLock { $0.tasks[number] = task }
        if isDead { task.cancel() }
    }

    package func sleep(_ duration: Duration) async throws {
        let number = number()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isWaiting = self.wait(number) { continuation.resume(throwing: CancellationError()) }
                guard isWaiting else { return }
                if Task.isCancelled { return self.give(up: number) }
                scheduler.after(duration.nanoseconds) { [self] in
                    if ends(number) { continuation.resume() }
                }
            }
        } onCancel: {
            give(up: number)
        }
    }

    var runtime: Runtime {
        let scheduler = scheduler
        return Runtime(
            now: { scheduler.now }, sleep: { try await self.sleep($0) },
            random: { self.isDead ? .random(in: .min ... .max) : scheduler.random.next() })
    }

    // MARK: Waiting

    func number() -> UInt64 {
        inner.withLock { inner in
            inner.count += 1
            return inner.count
        }
    }

    /// Begins a wait that ends by `ends`, or by `giveUp` when it is given up or the process is
    /// killed; `false` when that has happened already.
    func wait(_ number: UInt64, giveUp: @escaping @Sendable () -> Void) -> Bool {
        inner.withLock { $0.waiting[number] = giveUp }
        if isDead {
            give(up: number)
            return false
        }
        return true
    }

    /// Whether the wait was still on; it is over now.
    func ends(_ number: UInt64) -> Bool {
        inner.withLock { $0.waiting.removeValue(forKey: number) } != nil
    }

    private func give(up number: UInt64) {
        inner.withLock { $0.waiting.removeValue(forKey: number) }?()
    }
}
