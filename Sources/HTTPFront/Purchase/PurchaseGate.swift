import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// Decides what of a purchase can be decided before it is asked for: whether its sale sells,
/// whether there is room for it, and who is buying. Each step either changes what is known of the
/// request or throws why it is refused. One per connection, since it knows who is at the other end.
final class PurchaseGate {
    private let shared: PurchaseContext
    private let registry: ConnectionRegistry
    /// Who is at the other end, or whom the balancer there says that it speaks for.
    private var peer: String?
    /// The proxies that are trusted, if the peer is one of them.
    private var proxies: TrustedProxies?

    /// A purchase that may be asked for.
    struct Admitted {
        let purchase: Purchase
        let laneSale: LaneSale
        /// Until when the buyer waits for the commit.
        let deadline: MonotonicInstant
    }

    /// Who is buying, as far as that is known on the event loop.
    enum Buyer {
        case known(UserID)
        /// The token's keys are not here.
        case toBeProven(token: String, verifier: any BearerVerifier)
    }

    init(shared: PurchaseContext, registry: ConnectionRegistry, peer: String?) {
        self.shared = shared
        self.registry = registry
        setPeer(peer)
    }

    /// Before the first request.
    func setPeer(_ peer: String?) {
        let proxies = shared.configuration.trustedProxies
        self.peer = peer
        self.proxies = peer.map { proxies?.contains($0) == true } == true ? proxies : nil
    }

    /// Whoever the peer speaks for is nobody who is known. All of them share the peer's bucket, and
    /// say nothing of themselves that counts.
    func distrustPeer() { proxies = nil }

    /// How purchases are to be read that are taken out of the bytes.
    var fastPathReader: FastPathReader {
        let usesTokens = if case .jwt = shared.configuration.authenticator { true } else { false }
        return FastPathReader(usesTokens: usesTokens, isBehindProxy: proxies != nil)
    }

    // MARK: Names

    /// What a trusted proxy calls a request, it is called; any other gets an id of ours.
    func request(_ purchase: IncomingPurchase, arrivedAt: MonotonicInstant) -> PurchaseRequest {
        let isNamed = proxies != nil
        let id = isNamed ? purchase.requestID : nil
        var request = PurchaseRequest(id: id ?? shared.nextRequestID(), trace: isNamed ? purchase.trace : nil, arrivedAt: arrivedAt)
        if let origins = shared.configuration.origins { request.allowedOrigin = purchase.allowedOrigin(among: origins) }
        return request
    }

    func names(of request: FastPathPlain) -> (RequestID, TraceID?) {
        guard proxies != nil else { return (shared.nextRequestID(), nil) }
        let bytes = request.bytes.readableBytesSpan
        let id = request.requestID.isPresent ? RequestID(bytes.extracting(request.requestID.range)) : nil
        return (id ?? shared.nextRequestID(), request.trace.isPresent ? TraceID(traceparent: bytes.extracting(request.trace.range)) : nil)
    }

    func trace(of headers: HTTPHeaders) -> TraceID? { proxies == nil ? nil : TraceID(headerValues: headers[TraceID.header]) }

    /// The router finds the request's id, and its trace, in the head, where nobody but a trusted
    /// proxy can have put them.
    ///
    /// - Returns: the name.
    func name(_ head: inout HTTPRequestHead) -> RequestID {
        let id = requestID(of: head.headers)
        head.headers.replaceOrAdd(name: RequestID.header, value: "\(id)")
        if proxies == nil { head.headers.remove(name: TraceID.header) }
        return id
    }

    func requestID(of headers: HTTPHeaders) -> RequestID {
        let given = proxies == nil ? nil : RequestID(headerValues: headers[RequestID.header])
        return given ?? shared.nextRequestID()
    }

    // MARK: Steps

    func laneSale(of purchase: FastPathPurchase) -> LaneSale? {
        shared.lane.laneSale(named: purchase.bytes.readableBytesSpan.extracting(purchase.sale.range))
    }

    func laneSale(of name: some StringProtocol) -> LaneSale? { shared.lane.laneSale(of: String(name)) }

    /// Everything that can be refused before the body is read: the sale, its window, sold out, a
    /// late event loop, the address's bucket, the node's, the size.
    func admit(_ request: inout PurchaseRequest, _ purchase: IncomingPurchase, to laneSale: LaneSale?) throws(Problem) {
        guard let laneSale else { throw Problem(.unknownSale) }
        request.laneSale = laneSale
        if let refusal = shared.lane.refusalFromMemory(laneSale, hasKey: purchase.hasKey, at: request.arrivedAt) {
            throw problem(refusal)
        }
        if registry.lag(at: request.arrivedAt) > registry.environment.limits.loopLagMax {
            registry.environment.metrics.shed(.purchaseLag)
            throw Problem(.overloaded, retryAfterSeconds: shared.jitteredRetryAfter())
        }
        try takeTokens(for: &request, purchase)
        if purchase.isBodyTooLong { throw Problem(.bodyTooLarge) }
    }

    /// The address's bucket comes first: whom his own bucket refuses takes nothing from
    /// everybody's.
    private func takeTokens(for request: inout PurchaseRequest, _ purchase: IncomingPurchase) throws(Problem) {
        let limiters = shared.configuration.limiters
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
        shared.policies.map { RateLimitState(policies: $0, name: name, decision: decision) }
    }

    /// The buyer's address, as far as it is known.
    private func address(of purchase: IncomingPurchase) -> String? { address { purchase.forwardedFor } }

    /// - Parameter forwardedFor: the values of all `X-Forwarded-For`, asked for where they count.
    func address(forwardedFor: () -> [String]) -> String? {
        guard let peer, let proxies else { return peer }
        return proxies.client(behind: peer, forwardedFor: forwardedFor(), onUnreadable: shared.configuration.onUnreadableAddress)
    }

    /// The whole request is there.
    func buyer(of purchase: IncomingPurchase, at now: MonotonicInstant) throws(Problem) -> Buyer {
        do throws(AuthFailure) {
            switch shared.configuration.authenticator {
            case .trustedHeader: return .known(try purchase.trustedUser())
            case .jwt(let verifier):
                let token = try purchase.bearerToken()
                switch verifier.verdict(onBearer: token, now: shared.lane.time(at: now)) {
                case .user(let user): return .known(user)
                case .refused(let failure): throw failure
                case .keyUnknown: return .toBeProven(token: token, verifier: verifier)
                }
            }
        } catch {
            throw error.problem
        }
    }

    /// What can be refused only when it is known who is buying: the buyer's bucket, and what is
    /// wrong with the body.
    func admit(_ request: inout PurchaseRequest, _ purchase: IncomingPurchase, by user: UserID) throws(Problem) -> Admitted {
        if let perUser = shared.configuration.limiters.perUser {
            let decision = perUser.take(user, at: request.arrivedAt)
            request.rateLimit = rateLimit(RateLimitHeaders.user, decision)
            if !decision.isAllowed { throw refused(&request, RateLimitHeaders.user, decision) }
        }
        request.tellsRateLimit = true
        if !purchase.hasKey, shared.configuration.keyRule.demandsKey(isFromBrowser: purchase.isFromBrowser) {
            throw Problem(.idempotencyKeyRequired)
        }
        let terms = try purchase.terms()
        guard let laneSale = request.laneSale else { throw Problem(.unknownSale) }
        request.preference = terms.preference
        return Admitted(
            purchase: Purchase(user: user, sku: terms.sku, quantity: terms.quantity, key: terms.key), laneSale: laneSale,
            deadline: request.arrivedAt.advanced(by: terms.preference.waitNanoseconds(standard: shared.commitWaitNanoseconds)))
    }

    func problem(_ refusal: PurchaseRefusal) -> Problem {
        Problem(refusal) { shared.jitteredRetryAfter($0) }
    }
}
