import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import SaleCore
import SaleService

/// The list of sales, for everybody. Answers may be cached, so that a crowd that waits for the
/// opening need not ask here. A sale's own page is answered before the router (`LoopPages`).
struct SaleRoutes {
    static let cacheControl = "public, max-age=1"
    private let pages: SalePages
    private let now: @Sendable () -> Timestamp

    init(_ dependencies: PublicRoutes.Dependencies) {
        pages = dependencies.pages
        now = dependencies.now
    }

    /// Without the items: `{"sales":[…],"next_cursor":"…"|null}`.
    @Sendable func list(_ request: Request, _ context: FrontContext) throws -> Response {
        let query = try SalesQuery(request.uri)
        let now = now()
        var body = ByteBuffer()
        var hash = ContentHash()
        var (shown, last, hasMore) = (0, SaleID?.none, false)
        body.writeStaticString("{\"sales\":[")
        for page in pages.all where query.cursor.map({ $0 < page.id }) ?? true {
            let phase = page.phase(at: now)
            guard query.states.isEmpty || query.states.contains(phase) else { continue }
            guard shown < query.limit else {
                hasMore = true
                break
            }
            if shown > 0 { body.writeInteger(UInt8(ascii: ",")) }
            page.writeSummary(in: phase, at: now, into: &body)
            hash.add(page.tag(in: phase))
            (shown, last) = (shown + 1, page.id)
        }
        let next = hasMore ? last : nil
        body.writeStaticString("],\"next_cursor\":")
        body.writeString(next.map { "\"\($0)\"}" } ?? "null}")
        hash.add(next?.rawValue ?? "")
        return Self.answer(request, body: body, entityTag: "W/\"\(hash.text)\"")
    }

    private static func answer(_ request: Request, body: ByteBuffer, entityTag: String) -> Response {
        let headers: HTTPFields = [.contentType: "application/json", .cacheControl: cacheControl, .eTag: entityTag]
        guard !EntityTag.matches(entityTag, request.headers[values: .ifNoneMatch]) else {
            var response = Response(status: .notModified, headers: headers)
            // Zero would be said of the answer that the client has.
            response.headers[.contentLength] = nil
            return response
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

/// `?state=&limit=&cursor=`.
struct SalesQuery: Equatable {
    static let parameters = ["state", "limit", "cursor"]

    /// None is all.
    var states: Set<SalePhase> = []
    var limit: Int
    /// The last sale of the page before.
    var cursor: SaleID?

    init(_ uri: URI) throws(Problem) {
        var violations: [Violation] = []
        let parameters = uri.queryParameters
        limit = PageLimit.read(parameters["limit"], standard: Limits.salesPageDefault, max: Limits.salesPageMax, &violations)
        if let text = parameters["state"] {
            let names = text.split(separator: ",", omittingEmptySubsequences: false)
            states = Set(names.compactMap { SalePhase(rawValue: String($0)) })
            if states.count != names.count {
                let known = SalePhase.allCases.map(\.rawValue).joined(separator: ", ")
                violations.append(Violation(field: "state", reason: "must be different ones of \(known), with commas between them"))
            }
        }
        if let text = parameters["cursor"] {
            cursor = SaleID(String(text))
            if cursor == nil { violations.append(Violation(field: "cursor", reason: "must be the next_cursor of a page")) }
        }
        if !violations.isEmpty { throw Problem(invalid: violations) }
    }
}

/// How many a page may have.
enum PageLimit {
    static func read(_ text: Substring?, standard: Int, max: Int, _ violations: inout [Violation]) -> Int {
        guard let text else { return standard }
        if text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(text), (1...max).contains(value) { return value }
        violations.append(Violation(field: "limit", reason: "must be between 1 and \(max)"))
        return standard
    }
}
