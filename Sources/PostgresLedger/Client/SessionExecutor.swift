import Dispatch

/// Runs one session's jobs, one at a time, on a thread that may block: libpq's waits must hold up
/// neither event loops nor the cooperative pool.
///
/// A task that prefers it (SE-0417) runs here between its calls to the session, too, so that it
/// changes no thread for them. While the session waits for Postgres, such a task waits with it:
/// what the session's wait needs must run elsewhere, and does, for libpq needs nobody else.
final class SessionExecutor: SerialExecutor, TaskExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            // Either kind of job runs as both, so that a step from the task to the session and on
            // is none.
            unsafe job.runSynchronously(isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
        }
    }

    /// Runs `work` in its turn among the jobs.
    func run(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
