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
        case reading(PurchaseRequest)
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
    private let peer: String?
    /// The proxies that are trusted, if the peer is one of them.
    private let proxies: TrustedProxies?
    private var state = State.idle
    private var context: ChannelHandlerContext?

    init(desk: PurchaseDesk, loop: FrontLoop, remoteAddress: SocketAddress?) {
        self.desk = desk
        self.loop = loop
        let peer = remoteAddress?.ipAddress
        let proxies = desk.configuration.trustedProxies
        self.peer = peer
        self.proxies = peer.map { proxies?.contains($0) == true } == true ? proxies : nil
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
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
        case (.body(let part), .reading(var request)): continued(&request, part)
        case (.end, .reading(let request)): ended(request, context: context)
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
            return refuseAndClose(error, at: now)
        }
        guard head.method == .POST, let sale = PurchaseTarget.sale(in: head.uri) else {
            state = .passing
            if head.expectsContinue, head.isBodyShort { writeContinue(head, context: context) }
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        var request = PurchaseRequest(head, id: desk.nextRequestID(), arrivedAt: now)
        do throws(Problem) {
            try admit(&request, to: sale)
        } catch {
            return refuse(request, error, isComplete: false)
        }
        if head.expectsContinue { writeContinue(head, context: context) }
        state = .reading(request)
    }

    private func writeContinue(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
    }

    /// Everything that can be refused before the body is read: the sale, its window, sold out, a late event loop, the address's bucket, the node's, the size.
    private func admit(_ request: inout PurchaseRequest, to sale: Substring) throws(Problem) {
        guard let counter = desk.lane.counter(of: sale) else { throw Problem(.unknownSale) }
        request.counter = counter
        if let refusal = desk.lane.refusalFromMemory(counter, hasKey: request.hasKey, at: request.arrivedAt) {
            throw problem(refusal)
        }
        if loop.lag(at: request.arrivedAt) > loop.state.limits.loopLagMax {
            loop.state.metrics.shed(.purchaseLag)
            throw Problem(.overloaded, retryAfterSeconds: desk.jitteredRetryAfter())
        }
        try takeTokens(for: &request)
        if request.declaredLength ?? 0 > Limits.bodyBytesMax { throw Problem(.bodyTooLarge) }
    }

    /// The address's bucket comes first: whom his own bucket refuses takes nothing from everybody's.
    private func takeTokens(for request: inout PurchaseRequest) throws(Problem) {
        let limiters = desk.configuration.limiters
        let addressKey = limiters.perAddress == nil ? nil : address(of: request)
        if let perAddress = limiters.perAddress, let addressKey {
            let decision = perAddress.take(addressKey, at: request.arrivedAt)
            if !decision.isAllowed { throw Self.rateLimited(RateLimitHeaders.address, decision) }
            request.rateLimit = RateLimitHeaders.state(RateLimitHeaders.address, decision)
        }
        if let total = limiters.total {
            let decision = total.take(0, at: request.arrivedAt)
            guard !decision.isAllowed else { return }
            if let addressKey { limiters.perAddress?.giveBack(addressKey) }
            throw Self.rateLimited(RateLimitHeaders.total, decision)
        }
    }

    /// The buyer's address, as far as it is known.
    private func address(of request: PurchaseRequest) -> String? {
        guard let peer, let proxies else { return peer }
        return proxies.client(behind: peer, forwardedFor: request.head.headers["X-Forwarded-For"])
    }

    private func continued(_ request: inout PurchaseRequest, _ part: ByteBuffer) {
        guard request.body.readableBytes + part.readableBytes <= Limits.bodyBytesMax else {
            return refuse(request, Problem(.bodyTooLarge), isComplete: false)
        }
        var part = part
        request.body.writeBuffer(&part)
        state = .reading(request)
    }

    private func ended(_ request: PurchaseRequest, context: ChannelHandlerContext) {
        do throws(AuthFailure) {
            switch desk.configuration.authenticator {
            case .trustedHeader:
                purchase(request, by: try Credentials.trustedUser(in: request.head.headers["X-User-Id"]))
            case .jwt(let verifier):
                let token = try Credentials.bearerToken(in: request.head.headers["Authorization"])
                switch verifier.verdict(onBearer: token, now: desk.lane.time(at: request.arrivedAt)) {
                case .user(let user): purchase(request, by: user)
                case .refused(let failure): throw failure
                case .keyUnknown: prove(token, with: verifier, for: request, context: context)
                }
            }
        } catch {
            refuse(request, error.problem, isComplete: true)
        }
    }

    /// Asks for the keys of `token`, off the event loop: rare, and the only place where a purchase leaves it.
    private func prove(_ token: String, with verifier: TokenVerifier, for request: PurchaseRequest, context: ChannelHandlerContext) {
        state = .proving(request)
        let now = desk.lane.time(at: request.arrivedAt)
        let bound = NIOLoopBound((self, request), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { () -> Result<UserID, AuthFailure> in
            do throws(AuthFailure) {
                return .success(try await verifier.verify(bearer: token, now: now))
            } catch {
                return .failure(error)
            }
        }.whenSuccess { proof in
            let (handler, request) = bound.value
            guard case .proving = handler.state else { return }
            switch proof {
            case .success(let user): handler.purchase(request, by: user)
            case .failure(let failure): handler.refuse(request, failure.problem, isComplete: true)
            }
        }
    }

    private func purchase(_ request: PurchaseRequest, by user: UserID) {
        var request = request
        do throws(Problem) {
            if let perUser = desk.configuration.limiters.perUser {
                let decision = perUser.take(user, at: request.arrivedAt)
                if !decision.isAllowed { throw Self.rateLimited(RateLimitHeaders.user, decision) }
                request.rateLimit = RateLimitHeaders.state(RateLimitHeaders.user, decision)
            }
            request.hasPassedBuckets = true
            let key = try request.idempotencyKey()
            try request.checkMediaType()
            let body: PurchaseBody
            switch PurchaseBody.parse(request.body) {
            case .success(let parsed): body = parsed
            case .failure(let bad): throw bad.problem
            }
            guard let counter = request.counter else { throw Problem(.unknownSale) }
            request.preference = Preference(headerValues: request.head.headers["Prefer"])
            let wait = request.preference?.waitNanoseconds(standard: desk.commitWaitNanoseconds) ?? desk.commitWaitNanoseconds
            state = .waiting(request)
            desk.lane.submit(
                Purchase(
                    user: user, sku: body.sku, quantity: body.quantity, key: key, waitNanoseconds: wait, arrivedAt: request.arrivedAt),
                to: counter, waiter: self)
        } catch {
            refuse(request, error, isComplete: true)
        }
    }

    // MARK: Out

    func purchaseEnded(_ outcome: PurchaseOutcome) {
        // The connection may be gone by now; the order stands in any case.
        guard case .waiting(let request) = state, let context else { return }
        state = .idle
        let frame = frame(of: request)
        switch outcome {
        case .committed(let order, let isReplay):
            write(
                PurchaseResponse(order, isCommitted: true, isReplay: isReplay, frame: frame, allocator: context.channel.allocator),
                to: request)
        case .reserved(let order, let isReplay):
            write(
                PurchaseResponse(order, isCommitted: false, isReplay: isReplay, frame: frame, allocator: context.channel.allocator),
                to: request)
        case .refused(let refusal):
            write(PurchaseResponse(problem(refusal), frame: frame), to: request)
        }
    }

    /// - Parameter isComplete: the whole request was read; otherwise what is still to come is thrown away.
    private func refuse(_ request: PurchaseRequest, _ problem: Problem, isComplete: Bool) {
        state = isComplete ? .idle : .skipping
        write(PurchaseResponse(problem, frame: frame(of: request)), to: request)
    }

    private func refuseAndClose(_ problem: Problem, at now: UInt64) {
        state = .closed
        let frame = ResponseFrame(requestID: desk.nextRequestID(), date: desk.httpDate(at: now), closesConnection: true)
        write(PurchaseResponse(problem, frame: frame), to: nil)
    }

    private func frame(of request: PurchaseRequest) -> ResponseFrame {
        var frame = ResponseFrame(requestID: request.id, date: desk.httpDate(at: monotonicNow()))
        if request.hasPassedBuckets, let policies = desk.policies, let state = request.rateLimit { frame.rateLimit = (policies, state) }
        frame.preferenceApplied = request.preference?.applied
        return frame
    }

    private func write(_ response: PurchaseResponse, to request: PurchaseRequest?) {
        guard let context else { return }
        if let request { desk.metrics.ended(response.outcome, nanoseconds: monotonicNow() - request.arrivedAt) }
        context.write(wrapOutboundOut(.head(response.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func problem(_ refusal: PurchaseRefusal) -> Problem {
        Problem(refusal, retryAfter: desk.jitteredRetryAfter)
    }

    private static func rateLimited(_ policy: String, _ decision: TokenDecision) -> Problem {
        Problem(
            .rateLimited, extras: [.violatedPolicies([policy])], retryAfterSeconds: RateLimitHeaders.seconds(decision.retryAfter))
    }

    // MARK: Failures

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? RequestFailure else { return context.fireErrorCaught(error) }
        switch state {
        case .idle, .passing: refuseAndClose(failure.problem, at: monotonicNow())
        case .reading(let request), .proving(let request): refuseLast(request, failure.problem)
        // Redis may have granted it: what became of the purchase, its repetition or the user's orders tell.
        case .waiting(let request): refuseLast(request, Problem(.recovering, retryAfterSeconds: desk.jitteredRetryAfter()))
        // It has its answer.
        case .skipping, .closed: break
        }
    }

    private func refuseLast(_ request: PurchaseRequest, _ problem: Problem) {
        state = .closed
        var frame = frame(of: request)
        frame.closesConnection = true
        write(PurchaseResponse(problem, frame: frame), to: request)
    }
}
