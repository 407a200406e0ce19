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

    /// - Parameter span: of `bytes`.
    func text(_ span: Span) -> String { bytes.readableBytesSpan.extracting(span.range).text }
}

/// What is taken out of the bytes.
enum FastPathRequest {
    case purchase(FastPathPurchase)
    case plain(FastPathPlain)
}
