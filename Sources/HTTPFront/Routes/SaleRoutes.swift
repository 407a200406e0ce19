import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore

/// The sales, for everybody. Answers may be cached, so that a crowd that waits for the opening need not ask here.
struct SaleRoutes {
    private static let cacheControl = "public, max-age=1"
    private let directory: any SaleDirectory
    private let now: @Sendable () -> Timestamp

    init(directory: any SaleDirectory, now: @escaping @Sendable () -> Timestamp) {
        self.directory = directory
        self.now = now
    }

    func add(to router: Router<FrontContext>) {
        router.get("/v1/sales", use: list)
        router.get("/v1/sales/{sale}", use: show)
    }

    @Sendable private func list(_ request: Request, _ context: FrontContext) throws -> Response {
        let now = now()
        var body = ByteBuffer()
        var hash = ContentHash()
        body.writeStaticString("{\"sales\":[")
        for (index, view) in directory.sales().enumerated() {
            if index > 0 { body.writeInteger(UInt8(ascii: ",")) }
            SaleJSON.write(view, at: now, into: &body, hash: &hash)
        }
        body.writeStaticString("]}")
        return Self.answer(request, body: body, entityTag: hash.entityTag)
    }

    @Sendable private func show(_ request: Request, _ context: FrontContext) throws -> Response {
        guard let id = context.parameters.get("sale").flatMap({ SaleID($0) }), let view = directory.sale(id) else {
            throw Problem(.unknownSale)
        }
        var body = ByteBuffer()
        var hash = ContentHash()
        SaleJSON.write(view, at: now(), into: &body, hash: &hash)
        return Self.answer(request, body: body, entityTag: hash.entityTag)
    }

    private static func answer(_ request: Request, body: ByteBuffer, entityTag: String) -> Response {
        let headers: HTTPFields = [.contentType: "application/json", .cacheControl: cacheControl, .eTag: entityTag]
        guard !request.headers[values: .ifNoneMatch].contains(where: { matches(entityTag, $0) }) else {
            var response = Response(status: .notModified, headers: headers)
            // Zero would be said of the answer that the client has.
            response.headers[.contentLength] = nil
            return response
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// Weak comparison (RFC 9110, section 8.8.3.2) with a list of tags or `*`.
    private static func matches(_ entityTag: String, _ list: String) -> Bool {
        list.split(separator: ",").contains { candidate in
            let tag = candidate.drop { $0 == " " || $0 == "\t" }
            return tag.hasPrefix("*") || opaque(tag[...]).hasPrefix(opaque(entityTag[...]))
        }
    }

    private static func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
}
