import NIOCore
import NIOHTTP1
import SaleService

/// Refuses, on the event loop, what the router has no place for at the moment: no task is started
/// and nothing queues for a refusal.
final class BulkheadHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let shared: PurchaseContext
    private let registry: ConnectionRegistry
    private let pipelining: PipeliningHandler
    /// The place that the request under way holds.
    private var held: RequestBulkhead.Kind?
    private var allowedOrigin: AllowedOrigin?
    /// The request was refused: its rest is of no interest.
    private var isSkipping = false

    init(shared: PurchaseContext, registry: ConnectionRegistry, pipelining: PipeliningHandler) {
        self.shared = shared
        self.registry = registry
        self.pipelining = pipelining
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head(var head):
            // A request whose answer never came to its end leaves its place here.
            leave()
            allowedOrigin = shared.allowedOrigin(head)
            guard let kind = RequestBulkhead.kind(of: head.uri) else { break }
            if kind == .orders, isToWait(&head) {
                held = .waiting
                return context.fireChannelRead(wrapInboundOut(.head(head)))
            }
            if let reason = shed(kind) {
                registry.environment.metrics.shed(reason)
                isSkipping = true
                return refuse(head)
            }
            held = kind
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body where isSkipping: return
        case .end where isSkipping:
            isSkipping = false
            return
        case .body, .end: break
        }
        context.fireChannelRead(data)
    }

    /// Takes a place for a request that wants to wait for an order. Where there is none, it is
    /// answered at once, which it must put up with (RFC 7240, section 2).
    private func isToWait(_ head: inout HTTPRequestHead) -> Bool {
        let prefer = head.headers["Prefer"]
        guard !prefer.isEmpty else { return false }
        let isOrder = head.method == .GET && RouteTable.public.route(of: String(head.uri.prefix { $0 != "?" })) == PublicRoutes.orderPath
        if isOrder, Preference(headerValues: prefer).waitSeconds ?? 0 > 0, registry.environment.bulkhead.enter(.waiting) { return true }
        head.headers.remove(name: "Prefer")
        return false
    }

    /// Takes a place for `kind`; why not, when there is none.
    private func shed(_ kind: RequestBulkhead.Kind) -> FrontMetrics.Shed? {
        if kind == .browsing, registry.lag(at: registry.now) > registry.environment.limits.loopLagBrowsingMax { return .browsingLag }
        guard !registry.environment.bulkhead.enter(kind) else { return nil }
        return switch kind {
        case .browsing: .browsing
        case .orders: .orders
        case .payments: .payments
        case .waiting: .orders
        }
    }

    private func refuse(_ head: HTTPRequestHead) {
        let (answer, now) = (refusal(of: head), monotonicNow())
        let id = RequestID(headerValues: head.headers[RequestID.header]) ?? shared.nextRequestID()
        let (date, time) = (shared.httpDate(at: now), shared.lane.time(at: now))
        pipelining.answer { buffer, closes in
            answer.write(requestID: id, date: date, at: time, isHead: head.method == .HEAD, closes: closes, into: &buffer)
        }
        let path = String(head.uri.prefix { $0 != "?" })
        shared.configuration.report.answered(
            AccessLine(
                requestID: id, trace: TraceID(headerValues: head.headers[TraceID.header]), method: head.method.rawValue, path: path,
                status: answer.status, code: answer.problemCode, nanoseconds: 0),
            route: RouteTable.public.route(of: path), at: now)
    }

    /// People get a page that asks again, programs a problem.
    private func refusal(of head: HTTPRequestHead) -> LoopAnswer {
        let seconds = shared.jitteredRetryAfter()
        if BusyPage.isFor(head), let page = shared.busyPages[BusyPage.language(of: head)] { return .busy(page, retryAfterSeconds: seconds) }
        return .problem(Problem(.overloaded, retryAfterSeconds: seconds), allowedOrigin)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // Hummingbird's is up to a second older than that of purchases, and a client may count
            // down by both.
            head.headers.replaceOrAdd(name: "Date", value: shared.httpDate(at: monotonicNow()))
            if let allowedOrigin {
                head.headers.replaceOrAdd(name: "Access-Control-Allow-Origin", value: allowedOrigin.value)
                head.headers.replaceOrAdd(name: "Access-Control-Expose-Headers", value: AllowedOrigin.exposedHeaders)
                if allowedOrigin.varies { head.headers.add(name: "Vary", value: "Origin") }
            }
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
        if let held { registry.environment.bulkhead.leave(held) }
        held = nil
    }
}
