import ServiceLifecycle

/// Does the same work again and again, at once and then after each pause, until graceful shutdown
/// or cancellation. What is under way then is cancelled and awaited.
struct PeriodicService: Service {
    private let pause: Duration
    private let runtime: Runtime
    private let work: @Sendable () async -> Void

    /// - Parameter pause: from the end of one turn to the beginning of the next.
    init(every pause: Duration, runtime: Runtime, _ work: @escaping @Sendable () async -> Void) {
        self.pause = pause
        self.runtime = runtime
        self.work = work
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await work()
                try? await runtime.sleep(pause)
            }
        }
    }
}
