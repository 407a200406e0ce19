import LoadClient
import LoadModel
import NIOCore
import NIOPosix

/// The target does not answer, so there is nothing to measure.
struct UnreachableError: Error, CustomStringConvertible {
    var description: String
}

/// All lanes of a generator, one per event loop.
struct Fleet: Sendable {
    private let lanes: [NIOLoopBound<Lane>]
    private let groupsCount: Int

    /// Opens `connections` connections to `target`, shared out over `group`'s loops.
    static func connect(
        to target: Target, writer: RequestWriter, plan: TrafficPlan, connections: Int, timeout: UInt64,
        on group: MultiThreadedEventLoopGroup
    ) async throws(UnreachableError) -> Fleet {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
            let loops = Array(group.makeIterator())
            var lanes: [NIOLoopBound<Lane>] = []
            for (ordinal, loop) in loops.enumerated() {
                let settings = LaneSettings(
                    address: address, writer: writer, plan: plan, ordinal: ordinal, lanes: loops.count,
                    connections: connections / loops.count + (ordinal < connections % loops.count ? 1 : 0), timeout: timeout)
                let lane = try await loop.submit { NIOLoopBound(Lane(eventLoop: loop, settings: settings), eventLoop: loop) }.get()
                try await loop.flatSubmit { lane.value.connect() }.get()
                lanes.append(lane)
            }
            return Fleet(lanes: lanes, groupsCount: plan.groups.count)
        } catch {
            throw UnreachableError(description: "\(target.url): \(ConnectionFailure.reason(error))")
        }
    }

    /// Runs the plan from `instant` on, to its end or until it is told to stop.
    func run(startingAt instant: NIODeadline) async throws -> LaneResult {
        let futures = lanes.map { lane in lane.eventLoop.flatSubmit { lane.value.start(at: instant.uptimeNanoseconds) } }
        var total = LaneResult(groups: groupsCount)
        for future in futures { total.add(try await future.get()) }
        return total
    }

    /// Ends the run at once, as something that was not to be.
    func interrupt() {
        for lane in lanes { lane.eventLoop.execute { lane.value.interrupt() } }
    }

    /// Lets the run end with what is under way.
    func finish() {
        for lane in lanes { lane.eventLoop.execute { lane.value.finish() } }
    }

    /// What all lanes have done so far.
    func progress() async throws -> LaneProgress {
        var total = LaneProgress(tallies: Array(repeating: Tally(), count: groupsCount), inFlight: 0, waiting: 0)
        for lane in lanes {
            let progress = try await lane.eventLoop.submit { lane.value.progress }.get()
            for index in total.tallies.indices { total.tallies[index].add(progress.tallies[index]) }
            total.inFlight += progress.inFlight
            total.waiting += progress.waiting
        }
        return total
    }
}
