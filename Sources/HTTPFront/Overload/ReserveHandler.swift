import NIOCore
import NIOHTTP1
import SaleService

/// Refuses, on the event loop, what the router has no place for at the moment: no task is started and nothing queues for a refusal.
final class ReserveHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let desk: PurchaseDesk
    private let loop: FrontLoop
    private let sequencer: RequestSequencer
    /// The place that the request under way holds.
    private var held: RequestReserve.Kind?
    /// The request was refused: its rest is of no interest.
    private var isSkipping = false

    init(desk: PurchaseDesk, loop: FrontLoop, sequencer: RequestSequencer) {
        self.desk = desk
        self.loop = loop
        self.sequencer = sequencer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            // A request whose answer never came to its end leaves its place here.
            leave()
            guard let kind = RequestReserve.kind(of: head.uri) else { break }
            if let reason = shed(kind) {
                loop.state.metrics.shed(reason)
                isSkipping = true
                return refuse(head)
            }
            held = kind
        case .body where isSkipping: return
        case .end where isSkipping:
            isSkipping = false
            return
        case .body, .end: break
        }
        context.fireChannelRead(data)
    }

    /// Takes a place for `kind`; why not, when there is none.
    private func shed(_ kind: RequestReserve.Kind) -> FrontMetrics.Shed? {
        if kind == .browsing, loop.lag(at: loop.now) > loop.state.limits.loopLagBrowsingMax { return .browsingLag }
        guard !loop.state.reserve.enter(kind) else { return nil }
        return switch kind {
        case .browsing: .browsing
        case .orders: .orders
        case .payments: .payments
        }
    }

    private func refuse(_ head: HTTPRequestHead) {
        let (problem, now) = (Problem(.overloaded, retryAfterSeconds: desk.jitteredRetryAfter()), monotonicNow())
        let id = RequestID(headerValues: head.headers[RequestID.header]) ?? desk.nextRequestID()
        desk.write(.problem(problem), AnswerFrame(requestID: id, date: desk.httpDate(at: now)), isLast: false, to: sequencer)
        let path = String(head.uri.prefix { $0 != "?" })
        desk.configuration.report.answered(
            AccessLine(
                requestID: id, trace: TraceID(headerValues: head.headers[TraceID.header]), method: head.method.rawValue, path: path,
                status: problem.code.status, code: problem.code, nanoseconds: 0),
            route: RouteTable.public.route(of: path), at: now)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // Hummingbird's is up to a second older than that of purchases, and a client may count down by both.
            head.headers.replaceOrAdd(name: "Date", value: desk.httpDate(at: monotonicNow()))
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            leave()
            context.write(data, promise: promise)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    private func leave() {
        if let held { loop.state.reserve.leave(held) }
        held = nil
    }
}
