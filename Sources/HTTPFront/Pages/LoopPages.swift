import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// Answers on the event loop what a crowd asks for while it waits, and what browsers ask before
/// they ask: from memory, without a task, and whichever way the request was read.
struct LoopPages {
    private let gate: PurchaseGate
    private let shared: PurchaseContext
    private let registry: ConnectionRegistry
    private let pipelining: PipeliningHandler

    /// A request that is answered here.
    struct Asked {
        fileprivate var answer: LoopAnswer
        /// Whose head is `answer`.
        fileprivate var stream: StreamRequest?
        fileprivate var id: RequestID
        fileprivate var trace: TraceID?
        fileprivate var method: String
        fileprivate var target: Target
        /// The path with its parameters in braces.
        fileprivate var route: String

        /// Its path is made when the log asks for it.
        fileprivate enum Target {
            case path(String)
            case inBytes(FastPathPlain)

            var path: String {
                switch self {
                case .path(let path): path
                case .inBytes(let request): request.path
                }
            }
        }
    }

    init(gate: PurchaseGate, shared: PurchaseContext, registry: ConnectionRegistry, pipelining: PipeliningHandler) {
        self.gate = gate
        self.shared = shared
        self.registry = registry
        self.pipelining = pipelining
    }

    // MARK: In

    /// `nil` for what the router answers.
    func asked(_ head: HTTPRequestHead, at now: MonotonicInstant) -> Asked? {
        switch head.method {
        case .GET, .HEAD, .OPTIONS: break
        default: return nil
        }
        let path = String(head.uri.prefix { $0 != "?" })
        let route = RouteTable.public.route(of: path)
        var answer: LoopAnswer
        var stream: StreamRequest?
        switch route {
        case _ where head.method == .OPTIONS: answer = options(head, path)
        case PublicRoutes.salePath:
            answer = checked(head, at: now) {
                page(of: String(path.dropFirst(PublicRoutes.salePrefix.count)), at: now) { tag in
                    let known = head.headers["If-None-Match"]
                    return !known.isEmpty && EntityTag.matches(tag, known)
                }
            }
        case PublicRoutes.timePath: answer = checked(head, at: now) { .time }
        case PublicRoutes.eventsPath:
            answer = checked(head, at: now) { .events }
            if case .events = answer {
                do throws(Problem) {
                    stream = try streamRequest(head, path)
                } catch {
                    answer = .problem(error, .everybody)
                }
            }
        default: return nil
        }
        return Asked(
            answer: answer, stream: stream, id: gate.requestID(of: head.headers), trace: gate.trace(of: head.headers), method: head.method.rawValue,
            target: .path(path), route: route)
    }

    func asked(_ request: FastPathPlain, at now: MonotonicInstant) -> Asked {
        let answer: LoopAnswer =
            switch request.target {
            case .sale(let name): shed(at: now) ?? page(of: request.text(name), at: now, isKnown: request.knows)
            case .time: shed(at: now) ?? .time
            case .preflight:
                .preflight(shared.configuration.origins?.allowed(request.bytes.readableBytesSpan.extracting(request.origin.range)))
            }
        let (id, trace) = gate.names(of: request)
        return Asked(answer: answer, id: id, trace: trace, method: request.method, target: .inBytes(request), route: request.route)
    }

    /// Browsing is the first to be refused when the event loop runs late.
    private func shed(at now: MonotonicInstant) -> LoopAnswer? {
        guard registry.lag(at: now) > registry.environment.limits.loopLagBrowsingMax else { return nil }
        registry.environment.metrics.shed(.browsingLag)
        return .problem(Problem(.overloaded, retryAfterSeconds: shared.jitteredRetryAfter()), .everybody)
    }

    private func checked(_ head: HTTPRequestHead, at now: MonotonicInstant, _ answer: () -> LoopAnswer) -> LoopAnswer {
        if let shed = shed(at: now) { return shed }
        do throws(Problem) {
            try RouteTable.public.checkParameters(of: URI(head.uri))
        } catch {
            return .problem(error, .everybody)
        }
        return answer()
    }

    /// - Parameter isKnown: whether the client has the page with this entity tag.
    private func page(of sale: String, at now: MonotonicInstant, isKnown: (String) -> Bool) -> LoopAnswer {
        guard let page = shared.configuration.pages.page(of: sale) else { return .problem(Problem(.unknownSale), .everybody) }
        let phase = page.phase(at: shared.lane.time(at: now))
        return isKnown(page.tag(in: phase)) ? .saleNotModified(page, phase) : .sale(page, phase)
    }

    /// What a stream is to tell, and that there is a place for it; `nil` for who wants its head
    /// alone.
    private func streamRequest(_ head: HTTPRequestHead, _ path: String) throws(Problem) -> StreamRequest? {
        let sale = String(path.dropFirst(PublicRoutes.salePrefix.count).dropLast(PublicRoutes.eventsSuffix.count))
        guard let page = shared.configuration.pages.page(of: sale) else { throw Problem(.unknownSale) }
        let query = try StreamQuery(URI(head.uri), of: page.snapshot.terms)
        guard head.method == .GET else { return nil }
        let environment = registry.environment
        guard !environment.drain.isAnnounced else { throw Problem(.draining, retryAfterSeconds: shared.jitteredRetryAfter()) }
        let address = gate.address { head.headers["X-Forwarded-For"] }
        guard environment.streams.enter(address) else {
            environment.metrics.shed(.streams)
            throw Problem.noStream(of: sale, retryAfterSeconds: shared.jitteredRetryAfter(Limits.streamRetryAfterSeconds))
        }
        return StreamRequest(
            name: SaleStreams.Name(sale: sale, skus: query.skus), page: page, address: address, lastEventID: head.headers.first(name: "Last-Event-ID")
        )
    }

    /// A browser's question names the method that it would use. What is at the path, it hears by
    /// the request itself, in words that its page may read.
    private func options(_ head: HTTPRequestHead, _ path: String) -> LoopAnswer {
        let origin = shared.allowedOrigin(head)
        if head.headers.contains(name: "Origin"), head.headers.contains(name: "Access-Control-Request-Method") { return .preflight(origin) }
        if path == "*" { return .methods("GET, HEAD, POST, OPTIONS", origin) }
        guard let methods = RouteTable.public.methods(at: path) else { return .problem(Problem(.notFound), origin) }
        return .methods((methods.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", "), origin)
    }

    // MARK: Out

    func write(_ asked: Asked, at now: MonotonicInstant) {
        let (date, time) = (shared.httpDate(at: now), shared.lane.time(at: now))
        if let wanted = asked.stream {
            let streams = registry.streams(over: shared)
            let stream = streams.open(wanted.name, wanted.page, address: wanted.address, outlet: pipelining, at: now)
            pipelining.begin(stream) { buffer in
                asked.answer.write(requestID: asked.id, date: date, at: time, isHead: true, closes: true, into: &buffer)
                streams.writeOpening(of: stream, lastEventID: wanted.lastEventID, at: now, into: &buffer)
            }
        } else {
            pipelining.answer { buffer, closes in
                asked.answer.write(requestID: asked.id, date: date, at: time, isHead: asked.method == "HEAD", closes: closes, into: &buffer)
            }
        }
        let (status, code) = (asked.answer.status, asked.answer.problemCode)
        shared.configuration.report.answered(status: status, lateNanoseconds: 0, route: asked.route, at: now) {
            AccessLine(
                requestID: asked.id, trace: asked.trace, method: asked.method, path: asked.target.path, status: status, code: code, nanoseconds: 0)
        }
    }
}
