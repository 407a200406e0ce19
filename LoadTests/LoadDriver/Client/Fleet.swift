import LoadClient
import LoadModel
import NIOCore
import NIOPosix

/// The target does not answer, so there is nothing to measure.
struct UnreachableError: Error, CustomStringConvertible {
    var description: String
}

/// All workers of a generator, one per event loop.
struct Fleet: Sendable {
    private let workers: [NIOLoopBound<LoadWorker>]
    private let groupsCount: Int

    /// Opens `connections` connections to `target`, shared out over `group`'s loops.
    static func connect(
        to target: Target, writer: RequestWriter, plan: TrafficPlan, connections: Int, timeout: UInt64,
        on group: MultiThreadedEventLoopGroup
    ) async throws(UnreachableError) -> Fleet {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
            let loops = Array(group.makeIterator())
            var workers: [NIOLoopBound<LoadWorker>] = []
            for (ordinal, loop) in loops.enumerated() {
                let settings = WorkerSettings(
                    address: address, writer: writer, plan: plan, ordinal: ordinal, workers: loops.count,
                    connections: connections / loops.count + (ordinal < connections % loops.count ? 1 : 0), timeout: timeout)
                let worker = try await loop.submit { NIOLoopBound(LoadWorker(eventLoop: loop, settings: settings), eventLoop: loop) }.get()
                try await loop.flatSubmit { worker.value.connect() }.get()
                workers.append(worker)
            }
            return Fleet(workers: workers, groupsCount: plan.groups.count)
        } catch {
            throw UnreachableError(description: "\(target.url): \(ConnectionFailure.reason(error))")
        }
    }

    /// Runs the plan from `instant` on, to its end or until it is told to stop.
    func run(startingAt instant: NIODeadline) async throws -> WorkerResult {
        let futures = workers.map { worker in worker.eventLoop.flatSubmit { worker.value.start(at: instant.uptimeNanoseconds) } }
        var total = WorkerResult(groups: groupsCount)
        for future in futures { total.add(try await future.get()) }
        return total
    }

    /// Ends the run at once, as something that was not to be.
    func interrupt() {
        for worker in workers { worker.eventLoop.execute { worker.value.interrupt() } }
    }

    /// Lets the run end with what is under way.
    func finish() {
        for worker in workers { worker.eventLoop.execute { worker.value.finish() } }
    }

    /// What all workers have done so far.
    func progress() async throws -> WorkerProgress {
        var total = WorkerProgress(tallies: Array(repeating: Tally(), count: groupsCount), inFlight: 0, waiting: 0)
        for worker in workers {
            let progress = try await worker.eventLoop.submit { worker.value.progress }.get()
            for index in total.tallies.indices { total.tallies[index].add(progress.tallies[index]) }
            total.inFlight += progress.inFlight
            total.waiting += progress.waiting
        }
        return total
    }
}
