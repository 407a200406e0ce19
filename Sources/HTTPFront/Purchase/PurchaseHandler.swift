import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// Answers purchases on the connection's event loop, has `LoopPages` answer what else is prepared
/// there, and passes every other request on to the router behind it.
///
/// Gets one request at a time from `PipeliningHandler`: those of the usual form as they are, all
/// others through the decoder, once that stands in the pipeline and this with it.
final class PurchaseHandler: ChannelInboundHandler, LoopAnswerer, PurchaseWaiter {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests. Next: any other.
        case idle
        /// The router has the request. Next: `idle` at its end.
        case passing
        /// A purchase whose body is still coming. Next: `proving` or `waiting` at its end,
        /// `skipping` when it is refused before.
        case reading(PurchaseRequest, DecodedPurchase)
        /// The answer is written, the rest of the request is thrown away. Next: `idle` at its end.
        case skipping
        /// The token's keys are being asked for. Next: `waiting`.
        case proving(PurchaseRequest)
        /// The purchase is decided elsewhere. Next: `idle`.
        case waiting(PurchaseRequest)
        /// Nothing more is read or written. Terminal.
        case closed
    }

    private let shared: PurchaseContext
    private let registry: ConnectionRegistry
    private let pipelining: PipeliningHandler
    private let gate: PurchaseGate
    private let pages: LoopPages
    private var state = State.idle
    /// Of the request that the router had last.
    private var passed: (id: RequestID, allowedOrigin: AllowedOrigin?)?

    /// - Parameter pipelining: stands before it in the pipeline, if it stands in it.
    init(gate: PurchaseGate, shared: PurchaseContext, registry: ConnectionRegistry, pipelining: PipeliningHandler) {
        self.gate = gate
        pages = LoopPages(gate: gate, shared: shared, registry: registry, pipelining: pipelining)
        self.shared = shared
        self.registry = registry
        self.pipelining = pipelining
        pipelining.answerer = self
    }

    func connectionEnded() {
        state = .closed
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle): began(head, context: context)
        case (.body(let part), .reading(let request, let purchase)): continued(request, purchase, part)
        case (.end, .reading(let request, let purchase)): identify(request, .decoded(purchase))
        case (.end, .passing):
            state = .idle
            context.fireChannelRead(data)
        case (_, .passing): context.fireChannelRead(data)
        case (.end, .skipping): state = .idle
        // The rest of a refused request, and whatever a closed connection still delivers.
        case (_, .skipping), (_, .closed), (_, .idle), (_, .reading), (_, .proving), (_, .waiting): break
        }
    }

    private func began(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        let now = monotonicNow()
        var head = head
        do throws(Problem) {
            try RequestValidation.check(&head)
        } catch {
            return refuseAndClose(error, head, at: now)
        }
        if let asked = pages.asked(head, at: now) {
            state = .skipping
            return pages.write(asked, at: now)
        }
        guard head.method == .POST, let sale = PurchaseTarget.sale(in: head.uri) else { return pass(&head, context: context) }
        let purchase = DecodedPurchase(head)
        var request = gate.request(.decoded(purchase), arrivedAt: now)
        do throws(Problem) {
            try gate.admit(&request, .decoded(purchase), to: gate.laneSale(of: sale))
        } catch {
            return refuse(request, error, isComplete: false)
        }
        if head.expectsContinue { writeContinue(head, context: context) }
        state = .reading(request, purchase)
    }

    private func pass(_ head: inout HTTPRequestHead, context: ChannelHandlerContext) {
        state = .passing
        passed = (gate.name(&head), shared.allowedOrigin(head))
        if head.expectsContinue, head.isBodyShort { writeContinue(head, context: context) }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func began(_ request: FastPathRequest) {
        guard case .idle = state else { return }
        switch request {
        case .purchase(let purchase): began(purchase)
        case .plain(let request):
            let now = monotonicNow()
            pages.write(pages.asked(request, at: now), at: now)
        }
    }

    private func began(_ purchase: FastPathPurchase) {
        var request = gate.request(.fastPath(purchase), arrivedAt: monotonicNow())
        do throws(Problem) {
            try gate.admit(&request, .fastPath(purchase), to: gate.laneSale(of: purchase))
        } catch {
            return refuse(request, error, isComplete: true)
        }
        identify(request, .fastPath(purchase))
    }

    private func writeContinue(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
    }

    private func continued(_ request: PurchaseRequest, _ purchase: DecodedPurchase, _ part: ByteBuffer) {
        guard purchase.body.readableBytes + part.readableBytes <= Limits.bodyBytesMax else {
            return refuse(request, Problem(.bodyTooLarge), isComplete: false)
        }
        var (purchase, part) = (purchase, part)
        purchase.body.writeBuffer(&part)
        state = .reading(request, purchase)
    }

    /// The whole request is there.
    private func identify(_ request: PurchaseRequest, _ purchase: IncomingPurchase) {
        do throws(Problem) {
            switch try gate.buyer(of: purchase, at: request.arrivedAt) {
            case .known(let user): submit(request, purchase, by: user)
            case .toBeProven(let token, let verifier): prove(token, with: verifier, for: request, purchase)
            }
        } catch {
            refuse(request, error, isComplete: true)
        }
    }

    /// Asks for the keys of `token`, off the event loop: rare, and the only place where a purchase
    /// leaves it.
    private func prove(_ token: String, with verifier: any BearerVerifier, for request: PurchaseRequest, _ purchase: IncomingPurchase) {
        state = .proving(request)
        let now = shared.lane.time(at: request.arrivedAt)
        let bound = NIOLoopBound((self, request, purchase), eventLoop: registry.eventLoop)
        registry.eventLoop.makeFutureWithTask { () -> Result<UserID, AuthFailure> in
            do throws(AuthFailure) {
                return .success(try await verifier.verify(bearer: token, now: now))
            } catch {
                return .failure(error)
            }
        }.whenSuccess { proof in
            let (handler, request, purchase) = bound.value
            guard case .proving = handler.state else { return }
            switch proof {
            case .success(let user): handler.submit(request, purchase, by: user)
            case .failure(let failure): handler.refuse(request, failure.problem, isComplete: true)
            }
        }
    }

    private func submit(_ request: PurchaseRequest, _ purchase: IncomingPurchase, by user: UserID) {
        var request = request
        do throws(Problem) {
            let admitted = try gate.admit(&request, purchase, by: user)
            state = .waiting(request)
            shared.lane.submit(admitted.purchase, to: admitted.laneSale, at: request.arrivedAt, until: admitted.deadline, waiter: self)
        } catch {
            refuse(request, error, isComplete: true)
        }
    }

    // MARK: Out

    func purchaseEnded(_ outcome: PurchaseOutcome) {
        // The connection may be gone by now; the order stands in any case.
        guard case .waiting(let request) = state else { return }
        state = .idle
        switch outcome {
        case .committed(let order, let isReplay): write(.order(order, isCommitted: true, isReplay: isReplay), to: request)
        case .reserved(let order, let isReplay): write(.order(order, isCommitted: false, isReplay: isReplay), to: request)
        case .refused(let refusal): write(.problem(gate.problem(refusal)), to: request)
        }
    }

    /// - Parameter isComplete: the whole request was read; otherwise what is still to come is
    ///   thrown away.
    private func refuse(_ request: PurchaseRequest, _ problem: Problem, isComplete: Bool) {
        state = isComplete ? .idle : .skipping
        write(.problem(problem), to: request)
    }

    /// - Parameters:
    ///   - head: as far as the request can be read.
    ///   - isWithRouter: the router counts and logs it.
    private func refuseAndClose(_ problem: Problem, _ head: HTTPRequestHead? = nil, isWithRouter: Bool = false, at now: MonotonicInstant) {
        state = .closed
        let (id, allowedOrigin) =
            isWithRouter
            ? (passed?.id ?? shared.nextRequestID(), passed?.allowedOrigin)
            : (gate.requestID(of: head?.headers ?? [:]), head.flatMap { shared.allowedOrigin($0) })
        if !isWithRouter {
            let path = head.map { String($0.uri.prefix { $0 != "?" }) } ?? "-"
            shared.configuration.report.answered(
                AccessLine(
                    requestID: id, method: head?.method.rawValue ?? "-", path: path, status: problem.code.status, code: problem.code, nanoseconds: 0),
                route: RouteTable.public.route(of: path), at: now)
        }
        let frame = AnswerFrame(requestID: id, date: shared.httpDate(at: now), allowedOrigin: allowedOrigin)
        shared.write(.problem(problem), frame, isLast: true, to: pipelining)
    }

    private func write(_ answer: PurchaseAnswer, to request: PurchaseRequest, isLast: Bool = false) {
        let now = monotonicNow()
        shared.metrics.ended(answer.outcome, nanoseconds: request.arrivedAt.duration(to: now))
        log(answer, to: request, at: now)
        let frame = AnswerFrame(
            requestID: request.id, date: shared.httpDate(at: now), rateLimit: request.tellsRateLimit ? request.rateLimit : nil,
            preferenceApplied: request.preference?.applied, allowedOrigin: request.allowedOrigin)
        shared.write(answer, frame, isLast: isLast, to: pipelining)
    }

    private func log(_ answer: PurchaseAnswer, to request: PurchaseRequest, at now: MonotonicInstant) {
        let nanoseconds = request.arrivedAt.duration(to: now)
        guard let log = shared.configuration.report.log, log.wants(status: answer.status, nanoseconds: nanoseconds, at: now) else { return }
        log.write(
            AccessLine(
                requestID: request.id, trace: request.trace, method: "POST",
                path: request.laneSale.map { "/v1/sales/\($0.id)/orders" } ?? RequestCounts.purchaseRoute,
                status: answer.status, code: answer.problemCode, order: answer.orderID, nanoseconds: nanoseconds))
    }

    // MARK: Failures

    func failed(_ failure: RequestFailure) {
        switch state {
        case .passing: refuseAndClose(failure.problem, isWithRouter: true, at: monotonicNow())
        case .idle: refuseAndClose(failure.problem, isWithRouter: failure == .answerTooSlow, at: monotonicNow())
        case .reading(let request, _), .proving(let request): refuseLast(request, failure.problem)
        // Redis may have granted it: what became of the purchase, its repetition or the user's
        // orders tell.
        case .waiting(let request): refuseLast(request, Problem(.recovering, retryAfterSeconds: shared.jitteredRetryAfter()))
        // It has its answer.
        case .skipping, .closed: break
        }
    }

    private func refuseLast(_ request: PurchaseRequest, _ problem: Problem) {
        state = .closed
        write(.problem(problem), to: request, isLast: true)
    }
}
