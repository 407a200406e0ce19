import ServiceLifecycle

/// The writers of a node, on one queue. Graceful shutdown closes it: what is in it is still
/// committed, by whoever takes it.
struct OrderWriters: Service {
    let queue: OrderQueue
    let writers: [OrderWriter]

    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for writer in writers { group.addTask { await writer.run() } }
            }
        } onGracefulShutdown: {
            queue.close()
        }
    }
}
