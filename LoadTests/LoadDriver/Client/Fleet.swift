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

    /// Opens `connections` connections to `target`, shared out over `group`'s loops.
    static func connect(
        to target: Target, template: RequestTemplate, plan: PurchasePlan, connections: Int, timeout: UInt64,
        on group: MultiThreadedEventLoopGroup
    ) async throws(UnreachableError) -> Fleet {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
            let loops = Array(group.makeIterator())
            var lanes: [NIOLoopBound<Lane>] = []
            for (ordinal, loop) in loops.enumerated() {
                let settings = LaneSettings(
                    address: address, template: template, plan: plan, ordinal: ordinal, lanes: loops.count,
                    connections: connections / loops.count + (ordinal < connections % loops.count ? 1 : 0), timeout: timeout)
                let lane = try await loop.submit { NIOLoopBound(Lane(eventLoop: loop, settings: settings), eventLoop: loop) }.get()
                try await loop.flatSubmit { lane.value.connect() }.get()
                lanes.append(lane)
            }
            return Fleet(lanes: lanes)
        } catch {
            throw UnreachableError(description: "\(target.url): \(reason(error))")
        }
    }

    /// Runs the plan to its end, or until `stop`.
    func run() async throws -> LaneResult {
        let startsAt = NIODeadline.now().uptimeNanoseconds + 20_000_000
        let futures = lanes.map { lane in lane.eventLoop.flatSubmit { lane.value.start(at: startsAt) } }
        var total = LaneResult(tally: Tally(), confirmed: ConfirmedOrders())
        for future in futures {
            let result = try await future.get()
            total.tally.add(result.tally)
            total.confirmed.add(result.confirmed)
        }
        return total
    }

    func stop() {
        for lane in lanes { lane.eventLoop.execute { lane.value.interrupt() } }
    }

    func progress() async throws -> [LaneProgress] {
        var all: [LaneProgress] = []
        for lane in lanes { all.append(try await lane.eventLoop.submit { lane.value.progress }.get()) }
        return all
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? NIOConnectionError {
            return error.connectionErrors.first.map { "\($0.error)" } ?? error.dnsAError.map { "\($0)" } ?? "connection failed"
        }
        return "\(error)"
    }
}
