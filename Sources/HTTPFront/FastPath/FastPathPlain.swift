import NIOCore

/// A request without a body that is answered on the event loop, read straight from its bytes.
struct FastPathPlain {
    typealias Span = FastPathPurchase.Span

    enum Target {
        /// The page of a sale; where its name stands.
        case sale(Span)
        case time
        /// A browser's question before a request of another origin's page; where its target stands.
        case preflight(Span)
    }

    let bytes: ByteBuffer
    let target: Target
    /// The value of `If-None-Match`.
    let entityTag: Span
    let origin: Span
    let requestID: Span
    let trace: Span

    var method: String {
        switch target {
        case .sale, .time: "GET"
        case .preflight: "OPTIONS"
        }
    }

    /// Without the query.
    var path: String {
        switch target {
        case .sale(let name): PublicRoutes.salePrefix + text(name)
        case .time: PublicRoutes.timePath
        case .preflight(let target): text(path(of: target))
        }
    }

    /// The path with its parameters in braces.
    var route: String {
        switch target {
        case .sale: PublicRoutes.salePath
        case .time: PublicRoutes.timePath
        case .preflight(let target): RouteTable.public.route(of: bytes.readableBytesSpan.extracting(path(of: target).range))
        }
    }

    private func path(of target: Span) -> Span {
        let span = bytes.readableBytesSpan
        for offset in target.range where span.byte(at: offset) == UInt8(ascii: "?") {
            return Span(start: target.start, count: UInt16(offset) - target.start)
        }
        return target
    }

    /// Whether `If-None-Match` names the entity tag `tag`. Nearly always it is the one that was
    /// told last, and nothing else.
    func knows(_ tag: String) -> Bool {
        guard entityTag.isPresent else { return false }
        return bytes.readableBytesSpan.extracting(entityTag.range).isEqual(to: tag) || EntityTag.matches(tag, [text(entityTag)])
    }

    /// - Parameter span: of `bytes`.
    func text(_ span: Span) -> String { bytes.readableBytesSpan.extracting(span.range).text }
}

/// What is taken out of the bytes.
enum FastPathRequest {
    case purchase(FastPathPurchase)
    case plain(FastPathPlain)
}
