import BenchModel
import Foundation
import LoadSupport
import NIOCore
import NIOPosix

/// Buyers who connect at an even pace within one second, ask once each, and wait for their answers.
struct StormRun: Sendable {
    static let connectionsUsual = 10_000
    private static let opening = TimeAmount.seconds(1)
    private static let patience = TimeAmount.seconds(20)

    let connections: Int
    let workspace: Workspace

    func execute() async throws -> AcceptStorm {
        let server = try await SeckillProcess.start(SeckillProcess.Plan(), workspace)
        return try await withCleanUp(
            {
                let before = try Reading.take()
                let (latencies, seconds) = try await storm(on: server.port)
                let storm = AcceptStorm(
                    connections: connections, latencies: latencies, seconds: seconds, disturbance: try Reading.take().disturbance(since: before))
                Messages.say("storm: \(storm.answered) answered, \(storm.failed) failed, \(Figure.text(storm.seconds, digits: 2)) s")
                return storm
            }, cleanUp: { await server.stop() })
    }

    /// - Returns: microseconds from each connect to its 201, and seconds from the first connect to
    ///   the last answer.
    private func storm(on port: Int) async throws -> (latencies: [Int], seconds: Double) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let start = NIODeadline.now()
        let visits = (0..<connections).map { number in
            let delay = TimeAmount.nanoseconds(Self.opening.nanoseconds * Int64(number) / Int64(connections))
            return loop.flatScheduleTask(deadline: start + delay) { Self.visit(port, user: number, on: loop) }.futureResult
        }
        let answers = try await EventLoopFuture.whenAllComplete(visits, on: loop).get().compactMap { try? $0.get() }
        try await group.shutdownGracefully()
        let last = answers.map(\.at).max() ?? start
        return (answers.map { Int($0.after.nanoseconds / 1_000) }, Double((last - start).nanoseconds) / 1e9)
    }

    /// Fails for anything but a 201 in time.
    private static func visit(_ port: Int, user: Int, on loop: any EventLoop) -> EventLoopFuture<StormAnswer> {
        let promise = loop.makePromise(of: StormAnswer.self)
        let deadline = loop.scheduleTask(in: patience) { promise.fail(StormFailure()) }
        promise.futureResult.whenComplete { _ in deadline.cancel() }
        let startedAt = NIODeadline.now()
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StormBuyer(user: user, startedAt: startedAt, answer: promise))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenFailure { promise.fail($0) }
        return promise.futureResult
    }
}

struct StormAnswer: Sendable {
    var at: NIODeadline
    /// The connect.
    var after: TimeAmount
}

struct StormFailure: Error {}

/// Asks when the connection is there, and stays after the answer: browsers do not leave either.
private final class StormBuyer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let user: Int
    private let startedAt: NIODeadline
    private let answer: EventLoopPromise<StormAnswer>

    init(user: Int, startedAt: NIODeadline, answer: EventLoopPromise<StormAnswer>) {
        self.user = user
        self.startedAt = startedAt
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let body = #"{"sku":"\#(Sale.sku(0))","quantity":1}"#
        let request =
            "POST /v1/sales/\(Sale().name)/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-User-Id: storm-\(user)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = NIODeadline.now()
        // The status stands in the first bytes, and a first segment holds more than those.
        if unwrapInboundIn(data).readableBytesView.dropFirst("HTTP/1.1 ".utf8.count).starts(with: "201".utf8) {
            answer.succeed(StormAnswer(at: now, after: now - startedAt))
        } else {
            answer.fail(StormFailure())
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(StormFailure())
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
