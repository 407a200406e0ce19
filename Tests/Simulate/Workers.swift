import Glibc

/// Plain threads: a world must not share one with the tasks of others.
enum Workers {
    /// Returns when all have ended.
    static func run(_ count: Int, _ work: @escaping @Sendable () -> Void) {
        let threads = (0..<count).map { _ in
            var thread = pthread_t()
            // Retained here, and released by the thread, which runs once.
            let box = unsafe Unmanaged.passRetained(Box(work))
            let failure = unsafe pthread_create(
                &thread, nil,
                { pointer in
                    unsafe Unmanaged<Box>.fromOpaque(pointer!).takeRetainedValue().work()
                    return nil
                }, unsafe box.toOpaque())
            precondition(failure == 0, "no thread can be started")
            return thread
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    private final class Box {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}
