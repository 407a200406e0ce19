import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// Answers purchases on the connection's event loop and passes every other request on to the router behind it.
///
/// Stands behind `HTTPServerPipelineHandler`, so that it sees one request at a time and answers leave in the order of the requests.
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
    private let addressKey: String?
    private var state = State.idle
    private var context: ChannelHandlerContext?
    /// The client sent its last byte: close after the answer.
    private var isInputClosed = false

    init(desk: PurchaseDesk, remoteAddress: SocketAddress?) {
        self.desk = desk
        self.addressKey = remoteAddress?.ipAddress
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
        if let problem = RequestHygiene.problem(in: head) {
            return refuseAndClose(problem, at: now)
        }
        guard head.method == .POST, let sale = PurchaseTarget.sale(in: head.uri) else {
            state = .passing
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        var request = PurchaseRequest(head, id: desk.nextRequestID(), arrivedAt: now)
        do throws(Problem) {
            try admit(&request, to: sale)
        } catch {
            return refuse(request, error, isComplete: false)
        }
        if request.expectsContinue {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
        state = .reading(request)
    }

    /// Everything that can be refused before the body is read: the sale, its window, sold out, the address's bucket, the size.
    private func admit(_ request: inout PurchaseRequest, to sale: Substring) throws(Problem) {
        guard let counter = desk.lane.counter(of: sale) else { throw Problem(.unknownSale) }
        request.counter = counter
        if let refusal = desk.lane.refusalFromMemory(counter, hasKey: request.hasKey, at: request.arrivedAt) {
            throw problem(refusal)
        }
        let limiters = desk.configuration.limiters
        if let total = limiters.total {
            let decision = total.take(0, at: request.arrivedAt)
            if !decision.isAllowed { throw Self.rateLimited(RateLimitHeaders.total, decision) }
        }
        if let perAddress = limiters.perAddress, let addressKey {
            let decision = perAddress.take(addressKey, at: request.arrivedAt)
            if !decision.isAllowed { throw Self.rateLimited(RateLimitHeaders.address, decision) }
            request.rateLimit = RateLimitHeaders.state(RateLimitHeaders.address, decision)
        }
        if request.declaredLength ?? 0 > Limits.bodyBytesMax { throw Problem(.bodyTooLarge) }
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
                to: request, closing: frame.closesConnection)
        case .reserved(let order, let isReplay):
            write(
                PurchaseResponse(order, isCommitted: false, isReplay: isReplay, frame: frame, allocator: context.channel.allocator),
                to: request, closing: frame.closesConnection)
        case .refused(let refusal):
            write(PurchaseResponse(problem(refusal), frame: frame), to: request, closing: frame.closesConnection)
        }
    }

    /// - Parameter isComplete: the whole request was read; otherwise what is still to come is thrown away, or the connection closed when that is much.
    private func refuse(_ request: PurchaseRequest, _ problem: Problem, isComplete: Bool) {
        var frame = frame(of: request)
        if !isComplete, request.declaredLength ?? .max > Limits.bodyBytesMax { frame.closesConnection = true }
        state = isComplete ? .idle : .skipping
        write(PurchaseResponse(problem, frame: frame), to: request, closing: frame.closesConnection)
    }

    private func refuseAndClose(_ problem: Problem, at now: UInt64) {
        state = .closed
        let frame = ResponseFrame(requestID: desk.nextRequestID(), date: desk.httpDate(at: now), closesConnection: true)
        write(PurchaseResponse(problem, frame: frame), to: nil, closing: true)
    }

    private func frame(of request: PurchaseRequest) -> ResponseFrame {
        var frame = ResponseFrame(requestID: request.id, date: desk.httpDate(at: monotonicNow()))
        if request.hasPassedBuckets, let policies = desk.policies, let state = request.rateLimit { frame.rateLimit = (policies, state) }
        frame.preferenceApplied = request.preference?.applied
        frame.closesConnection = !request.head.isKeepAlive || isInputClosed
        return frame
    }

    private func write(_ response: PurchaseResponse, to request: PurchaseRequest?, closing: Bool) {
        guard let context else { return }
        if let request { desk.metrics.ended(response.outcome, nanoseconds: monotonicNow() - request.arrivedAt) }
        let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: response.headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        guard closing else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        state = .closed
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func problem(_ refusal: PurchaseRefusal) -> Problem {
        Problem(refusal, retryAfter: desk.jitteredRetryAfter)
    }

    private static func rateLimited(_ policy: String, _ decision: TokenDecision) -> Problem {
        Problem(
            .rateLimited, extras: [.violatedPolicies([policy])], retryAfterSeconds: RateLimitHeaders.seconds(decision.retryAfter))
    }

    // MARK: The connection

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        switch state {
        case .idle: refuseAndClose(error.problem, at: monotonicNow())
        case .reading(let request):
            state = .closed
            var frame = frame(of: request)
            frame.closesConnection = true
            write(PurchaseResponse(error.problem, frame: frame), to: request, closing: true)
        // An answer is already on its way or out of our hands: nothing can be added to it.
        case .passing, .skipping, .proving, .waiting, .closed: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where isAnswerOwed:
            isInputClosed = true
        case let idle as IdleStateHandler.IdleStateEvent where idle == .read:
            if !isAnswerOwed { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private var isAnswerOwed: Bool {
        switch state {
        case .proving, .waiting: true
        case .idle, .passing, .reading, .skipping, .closed: false
        }
    }
}

extension HTTPParserError {
    fileprivate var problem: Problem {
        if self == .headerOverflow { return Problem(.headersTooLarge) }
        return Problem(.malformedRequest, detail: "The request is not HTTP/1.1 as this service reads it: \(self).")
    }
}
