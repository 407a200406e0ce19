import NIOCore
import NIOHTTP1
import SaleCore

/// An answer that is written on the event loop from what is prepared, in one piece and past the
/// encoder.
enum LoopAnswer {
    case sale(SalePage, SalePhase)
    /// The client has the page.
    case saleNotModified(SalePage, SalePhase)
    case time
    /// The head of a stream; what follows, `SaleStreams` writes.
    case events
    /// To the browser's question before a request of another origin's page; `nil` for an origin
    /// that may not ask.
    case preflight(AllowedOrigin?)
    /// What a target answers to: the value of `Allow`.
    case methods(String, AllowedOrigin?)
    case problem(Problem, AllowedOrigin?)
    /// A page that there is no room for.
    case busy(BusyPage, retryAfterSeconds: Int)

    var status: Int {
        switch self {
        case .sale, .time, .events: 200
        case .preflight, .methods: 204
        case .saleNotModified: 304
        case .problem(let problem, _): problem.code.status
        case .busy: ProblemCode.overloaded.status
        }
    }

    var problemCode: ProblemCode? {
        switch self {
        case .problem(let problem, _): problem.code
        case .busy: .overloaded
        default: nil
        }
    }

    /// Appends the whole answer to `buffer`.
    ///
    /// - Parameters:
    ///   - isHead: without the body.
    ///   - now: for the server's time.
    func write(requestID: RequestID, date: String, at now: Timestamp, isHead: Bool, closes: Bool, into buffer: inout ByteBuffer) {
        switch self {
        case .sale(let page, let phase):
            Self.write("200 OK", requestID, date, closes, into: &buffer) { cursor in
                cursor.write("\r\nContent-Type: application/json\r\nContent-Length: ")
                cursor.write(decimal: page.byteCount(in: phase, at: now))
                Self.writeValidity(of: page, phase, into: &cursor)
            }
            if !isHead { page.write(in: phase, at: now, into: &buffer) }
        case .saleNotModified(let page, let phase):
            Self.write("304 Not Modified", requestID, date, closes, into: &buffer) { Self.writeValidity(of: page, phase, into: &$0) }
        case .time:
            Self.write("200 OK", requestID, date, closes, into: &buffer) { cursor in
                cursor.write("\r\nContent-Type: application/json\r\nContent-Length: ")
                cursor.write(decimal: Self.timeByteCount + now.textByteCount)
                cursor.write("\r\nCache-Control: no-store")
                cursor.write(AllowedOrigin.everybody.headers)
            }
            if !isHead {
                buffer.writeStaticString(Self.timeOpening)
                buffer.writeQuoted(now)
                buffer.writeInteger(UInt8(ascii: "}"))
            }
        case .events:
            Self.write("200 OK", requestID, date, closes, into: &buffer) { cursor in
                // Without a length it ends with the connection. nginx would keep events back.
                cursor.write("\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no")
                cursor.write(AllowedOrigin.everybody.headers)
            }
        case .preflight(let origin):
            Self.write("204 No Content", requestID, date, closes, into: &buffer) { cursor in
                if let origin { cursor.write(origin.preflightHeaders) }
                cursor.write("\r\nVary: ")
                cursor.write(AllowedOrigin.preflightVary)
            }
        case .methods(let allow, let origin):
            Self.write("204 No Content", requestID, date, closes, into: &buffer) { cursor in
                cursor.write("\r\nAllow: ")
                cursor.write(allow)
                if let origin { cursor.write(origin.headers) }
            }
        case .problem(let problem, let origin):
            let frame = AnswerFrame(requestID: requestID, date: date, allowedOrigin: origin)
            var body = ByteBuffer()
            PurchaseAnswer.problem(problem).write(frame, closes: closes, body: &body, into: &buffer)
            if isHead { buffer.moveWriterIndex(to: buffer.writerIndex - problem.body(requestID: requestID).readableBytes) }
        case .busy(let page, let seconds):
            Self.write("503 Service Unavailable", requestID, date, closes, into: &buffer) { cursor in
                cursor.write("\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ")
                cursor.write(decimal: page.byteCount(retryAfterSeconds: seconds))
                cursor.write("\r\nCache-Control: no-store\r\nVary: Accept, Accept-Language\r\nContent-Security-Policy: ")
                cursor.write(HTMLDocument.contentSecurityPolicy)
                cursor.write("\r\nRetry-After: ")
                cursor.write(decimal: seconds)
            }
            if !isHead { page.write(retryAfterSeconds: seconds, into: &buffer) }
        }
    }

    private static let timeOpening: StaticString = "{\"server_time\":"
    private static let timeByteCount = timeOpening.utf8CodeUnitCount + 2 + 1

    private static func writeValidity(of page: SalePage, _ phase: SalePhase, into cursor: inout OutputRawSpan) {
        cursor.write("\r\nCache-Control: ")
        cursor.write(SaleRoutes.cacheControl)
        cursor.write(AllowedOrigin.everybody.headers)
        cursor.write("\r\nETag: ")
        cursor.write(page.tag(in: phase))
    }

    private static func write(
        _ status: StaticString, _ requestID: RequestID, _ date: String, _ closes: Bool, into buffer: inout ByteBuffer,
        fields: (inout OutputRawSpan) -> Void
    ) {
        buffer.writeWithOutputRawSpan(minimumWritableBytes: 1_024) { cursor in
            cursor.write("HTTP/1.1 ")
            cursor.write(status)
            fields(&cursor)
            cursor.write("\r\nX-Content-Type-Options: nosniff\r\nDate: ")
            cursor.write(date)
            cursor.write("\r\nX-Request-Id: ")
            requestID.write(into: &cursor)
            if closes { cursor.write("\r\nConnection: close") }
            cursor.write("\r\n\r\n")
        }
    }
}
