import SaleCore
import ServiceLifecycle

/// Makes a frame a second while somebody wants them, however many they are: each costs both stores
/// a question.
package struct FleetWatch: Service {
    private let directory: any NodeDirectory
    private let catalog: CatalogStore
    private let ledger: any ItemCounting
    private let runtime: Runtime
    private let isWanted: @Sendable () -> Bool
    private let publish: @Sendable (FleetFrame) -> Void
    private let onEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - isWanted: asked several times a second.
    ///   - onEnd: told when there will be no more of them.
    package init(
        directory: any NodeDirectory, catalog: CatalogStore, ledger: any ItemCounting, runtime: Runtime = .system,
        isWanted: @escaping @Sendable () -> Bool, publish: @escaping @Sendable (FleetFrame) -> Void, onEnd: @escaping @Sendable () -> Void
    ) {
        self.directory = directory
        self.catalog = catalog
        self.ledger = ledger
        self.runtime = runtime
        self.isWanted = isWanted
        self.publish = publish
        self.onEnd = onEnd
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { counts in
                var look = FleetLook(directory: directory, catalog: catalog, ledger: ledger, runtime: runtime)
                var dueAt = MonotonicInstant.earliest
                while !Task.isCancelled {
                    let now = runtime.now()
                    if isWanted(), now >= dueAt {
                        // One that was late does not hurry those that follow.
                        dueAt = max(dueAt, now).advanced(by: Limits.liveInterval.nanoseconds)
                        let frame = await look.frame { count in counts.addTask { await count() } }
                        if let frame, !Task.isCancelled { publish(frame) }
                    }
                    try? await runtime.sleep(Limits.liveLook)
                }
                counts.cancelAll()
                // A count that hangs may outlast everybody who listens.
                onEnd()
            }
        }
    }
}
