import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// Answers purchases on the connection's event loop and passes every other request on to the router behind it.
///
/// Stands behind `RequestSequencer`, so that it sees one request at a time, answers leave in the order of the requests, and the connection ends when an
/// answer says so.
final class PurchaseHandler: ChannelInboundHandler, PurchaseWaiter {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests. Next: any other.
        case idle
        /// The router has the request. Next: `idle` at its end.
        case passing
        /// A purchase whose body is still coming. Next: `proving` or `waiting` at its end, `skipping` when it is refused before.
        case reading(PurchaseRequest, DecodedPurchase)
        /// The refusal is written, the rest of the request is thrown away. Next: `idle` at its end.
        case skipping
        /// The token's keys are being asked for. Next: `waiting`.
        case proving(PurchaseRequest)
        /// The purchase is decided elsewhere. Next: `idle`.
        case waiting(PurchaseRequest)
        /// Nothing more is read or written. Terminal.
        case closed
    }

    private let desk: PurchaseDesk
    private let loop: FrontLoop
    private let sequencer: RequestSequencer
    /// Who is at the other end, or whom the balancer there says that it speaks for.
    private var peer: String?
    /// The proxies that are trusted, if the peer is one of them.
    private var proxies: TrustedProxies?
    private var state = State.idle
    private var context: ChannelHandlerContext?

    /// - Parameter sequencer: stands before it in the pipeline.
    init(desk: PurchaseDesk, loop: FrontLoop, sequencer: RequestSequencer, remoteAddress: SocketAddress?) {
        self.desk = desk
        self.loop = loop
        self.sequencer = sequencer
        setPeer(remoteAddress?.ipAddress)
    }

    /// Before the first request.
    func setPeer(_ peer: String?) {
        let proxies = desk.configuration.trustedProxies
        self.peer = peer
        self.proxies = peer.map { proxies?.contains($0) == true } == true ? proxies : nil
    }

    /// Whoever the peer speaks for is nobody who is known. All of them share the peer's bucket, and say nothing of themselves that counts.
    func distrustPeer() { proxies = nil }

    /// How purchases are to be read that are taken out of the bytes.
    var expressReader: ExpressReader {
        let usesTokens = if case .jwt = desk.configuration.authenticator { true } else { false }
        return ExpressReader(usesTokens: usesTokens, isBehindProxy: proxies != nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Until `handlerRemoved`.
        sequencer.onPurchase = { [self] in began($0) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        sequencer.onPurchase = { _ in }
        state = .closed
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        context.fireChannelInactive()
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
            try RequestHygiene.check(&head)
        } catch {
            return refuseAndClose(error, head, at: now)
        }
        guard head.method == .POST, let sale = PurchaseTarget.sale(in: head.uri) else {
            state = .passing
            name(&head)
            if head.expectsContinue, head.isBodyShort { writeContinue(head, context: context) }
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        let purchase = DecodedPurchase(head)
        var request = request(.decoded(purchase), arrivedAt: now)
        do throws(Problem) {
            try admit(&request, .decoded(purchase), to: sale)
        } catch {
            return refuse(request, error, isComplete: false)
        }
        if head.expectsContinue { writeContinue(head, context: context) }
        state = .reading(request, purchase)
    }

    /// All of the request is there.
    private func began(_ purchase: ExpressPurchase) {
        guard case .idle = state else { return }
        var request = request(.express(purchase), arrivedAt: monotonicNow())
        do throws(Problem) {
            try admit(&request, .express(purchase), to: purchase.text(purchase.sale))
        } catch {
            return refuse(request, error, isComplete: true)
        }
        identify(request, .express(purchase))
    }

    /// What a trusted proxy calls a request, it is called; any other gets an id of ours.
    private func request(_ purchase: IncomingPurchase, arrivedAt: UInt64) -> PurchaseRequest {
        guard proxies != nil else { return PurchaseRequest(id: desk.nextRequestID(), trace: nil, arrivedAt: arrivedAt) }
        return PurchaseRequest(id: purchase.requestID ?? desk.nextRequestID(), trace: purchase.trace, arrivedAt: arrivedAt)
    }

    /// The router finds the request's id, and its trace, in the head, where nobody but a trusted proxy can have put them.
    private func name(_ head: inout HTTPRequestHead) {
        head.headers.replaceOrAdd(name: RequestID.header, value: "\(requestID(of: head.headers))")
        if proxies == nil { head.headers.remove(name: TraceID.header) }
    }

    private func requestID(of headers: HTTPHeaders) -> RequestID {
        let given = proxies == nil ? nil : RequestID(headerValues: headers[RequestID.header])
        return given ?? desk.nextRequestID()
    }

    private func writeContinue(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
    }

    /// Everything that can be refused before the body is read: the sale, its window, sold out, a late event loop, the address's bucket, the node's, the size.
    private func admit(_ request: inout PurchaseRequest, _ purchase: IncomingPurchase, to sale: some StringProtocol) throws(Problem) {
        guard let counter = desk.lane.counter(of: sale) else { throw Problem(.unknownSale) }
        request.counter = counter
        if let refusal = desk.lane.refusalFromMemory(counter, hasKey: purchase.hasKey, at: request.arrivedAt) {
            throw problem(refusal)
        }
        if loop.lag(at: request.arrivedAt) > loop.state.limits.loopLagMax {
            loop.state.metrics.shed(.purchaseLag)
            throw Problem(.overloaded, retryAfterSeconds: desk.jitteredRetryAfter())
        }
        try takeTokens(for: &request, purchase)
        if purchase.isBodyTooLong { throw Problem(.bodyTooLarge) }
    }

    /// The address's bucket comes first: whom his own bucket refuses takes nothing from everybody's.
    private func takeTokens(for request: inout PurchaseRequest, _ purchase: IncomingPurchase) throws(Problem) {
        let limiters = desk.configuration.limiters
        let addressKey = limiters.perAddress == nil ? nil : address(of: purchase)
        if let perAddress = limiters.perAddress, let addressKey {
            let decision = perAddress.take(addressKey, at: request.arrivedAt)
            request.rateLimit = rateLimit(RateLimitHeaders.address, decision)
            if !decision.isAllowed { throw refused(&request, RateLimitHeaders.address, decision) }
        }
        if let total = limiters.total {
            let decision = total.take(0, at: request.arrivedAt)
            guard !decision.isAllowed else { return }
            if let addressKey { limiters.perAddress?.giveBack(addressKey) }
            request.rateLimit = RateLimitState(
                policies: RateLimitHeaders.policy(RateLimitHeaders.total, total.limit), name: RateLimitHeaders.total, decision: decision)
            throw refused(&request, RateLimitHeaders.total, decision)
        }
    }

    private func refused(_ request: inout PurchaseRequest, _ policy: StaticString, _ decision: TokenDecision) -> Problem {
        request.tellsRateLimit = true
        return Problem(policy, refused: decision)
    }

    private func rateLimit(_ name: StaticString, _ decision: TokenDecision) -> RateLimitState? {
        desk.policies.map { RateLimitState(policies: $0, name: name, decision: decision) }
    }

    /// The buyer's address, as far as it is known.
    private func address(of purchase: IncomingPurchase) -> String? {
        guard let peer, let proxies else { return peer }
        return proxies.client(behind: peer, forwardedFor: purchase.forwardedFor, onUnreadable: desk.configuration.onUnreadableAddress)
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
        do throws(AuthFailure) {
            switch desk.configuration.authenticator {
            case .trustedHeader: submit(request, purchase, by: try purchase.trustedUser())
            case .jwt(let verifier):
                let token = try purchase.bearerToken()
                switch verifier.verdict(onBearer: token, now: desk.lane.time(at: request.arrivedAt)) {
                case .user(let user): submit(request, purchase, by: user)
                case .refused(let failure): throw failure
                case .keyUnknown: prove(token, with: verifier, for: request, purchase)
                }
            }
        } catch {
            refuse(request, error.problem, isComplete: true)
        }
    }

    /// Asks for the keys of `token`, off the event loop: rare, and the only place where a purchase leaves it.
    private func prove(_ token: String, with verifier: any BearerVerifier, for request: PurchaseRequest, _ purchase: IncomingPurchase) {
        guard let context else { return }
        state = .proving(request)
        let now = desk.lane.time(at: request.arrivedAt)
        let bound = NIOLoopBound((self, request, purchase), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { () -> Result<UserID, AuthFailure> in
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
            if let perUser = desk.configuration.limiters.perUser {
                let decision = perUser.take(user, at: request.arrivedAt)
                request.rateLimit = rateLimit(RateLimitHeaders.user, decision)
                if !decision.isAllowed { throw refused(&request, RateLimitHeaders.user, decision) }
            }
            request.tellsRateLimit = true
            let terms = try purchase.terms()
            guard let counter = request.counter else { throw Problem(.unknownSale) }
            request.preference = terms.preference
            state = .waiting(request)
            desk.lane.submit(
                Purchase(
                    user: user, sku: terms.sku, quantity: terms.quantity, key: terms.key,
                    waitNanoseconds: terms.preference.waitNanoseconds(standard: desk.commitWaitNanoseconds), arrivedAt: request.arrivedAt),
                to: counter, waiter: self)
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
        case .refused(let refusal): write(.problem(problem(refusal)), to: request)
        }
    }

    /// - Parameter isComplete: the whole request was read; otherwise what is still to come is thrown away.
    private func refuse(_ request: PurchaseRequest, _ problem: Problem, isComplete: Bool) {
        state = isComplete ? .idle : .skipping
        write(.problem(problem), to: request)
    }

    /// - Parameters:
    ///   - head: as far as the request can be read.
    ///   - isWithRouter: the router counts and logs it.
    private func refuseAndClose(_ problem: Problem, _ head: HTTPRequestHead? = nil, isWithRouter: Bool = false, at now: UInt64) {
        state = .closed
        let id = requestID(of: head?.headers ?? [:])
        if !isWithRouter {
            let path = head.map { String($0.uri.prefix { $0 != "?" }) } ?? "-"
            desk.configuration.report.answered(
                AccessLine(
                    requestID: id, method: head?.method.rawValue ?? "-", path: path, status: problem.code.status, code: problem.code, nanoseconds: 0),
                route: RouteTable.public.route(of: path), at: now)
        }
        desk.write(.problem(problem), AnswerFrame(requestID: id, date: desk.httpDate(at: now)), isLast: true, to: sequencer)
    }

    private func write(_ answer: PurchaseAnswer, to request: PurchaseRequest, isLast: Bool = false) {
        let now = monotonicNow()
        desk.metrics.ended(answer.outcome, nanoseconds: now - request.arrivedAt)
        log(answer, to: request, at: now)
        let frame = AnswerFrame(
            requestID: request.id, date: desk.httpDate(at: now), rateLimit: request.tellsRateLimit ? request.rateLimit : nil,
            preferenceApplied: request.preference?.applied)
        desk.write(answer, frame, isLast: isLast, to: sequencer)
    }

    private func log(_ answer: PurchaseAnswer, to request: PurchaseRequest, at now: UInt64) {
        let nanoseconds = now - request.arrivedAt
        guard let log = desk.configuration.report.log, log.wants(status: answer.status, nanoseconds: nanoseconds, at: now) else { return }
        log.write(
            AccessLine(
                requestID: request.id, trace: request.trace, method: "POST",
                path: request.counter.map { "/v1/sales/\($0.id)/orders" } ?? RequestCounts.purchaseRoute,
                status: answer.status, code: answer.problemCode, order: answer.orderID, nanoseconds: nanoseconds))
    }

    private func problem(_ refusal: PurchaseRefusal) -> Problem {
        Problem(refusal, retryAfter: desk.jitteredRetryAfter)
    }

    // MARK: Failures

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? RequestFailure else { return context.fireErrorCaught(error) }
        switch state {
        case .passing: refuseAndClose(failure.problem, isWithRouter: true, at: monotonicNow())
        case .idle: refuseAndClose(failure.problem, isWithRouter: failure == .answerTooSlow, at: monotonicNow())
        case .reading(let request, _), .proving(let request): refuseLast(request, failure.problem)
        // Redis may have granted it: what became of the purchase, its repetition or the user's orders tell.
        case .waiting(let request): refuseLast(request, Problem(.recovering, retryAfterSeconds: desk.jitteredRetryAfter()))
        // It has its answer.
        case .skipping, .closed: break
        }
    }

    private func refuseLast(_ request: PurchaseRequest, _ problem: Problem) {
        state = .closed
        write(.problem(problem), to: request, isLast: true)
    }
}
