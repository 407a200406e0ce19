import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// The pages on which people buy, and what they load. With the storefront off, nothing is there.
struct StorefrontRoutes {
    private let storefront: Storefront?
    private let pages: SalePages
    private let now: @Sendable () -> Timestamp

    init(_ dependencies: PublicRoutes.Dependencies) {
        storefront = dependencies.storefront
        pages = dependencies.pages
        now = dependencies.now
    }

    /// `nil` while the storefront is off.
    func salesPage(_ request: Request) -> Response? {
        guard storefront != nil else { return nil }
        let sales = pages.foremost(at: now()).map { ($0.page.snapshot.sale, $0.phase) }
        var response = answer(request, with: page(request).sales(sales))
        response.headers[.vary] = "Accept, Accept-Language"
        return response
    }

    @Sendable func sale(_ request: Request, _ context: FrontContext) throws -> Response {
        try checkIsOn()
        guard let sale = context.parameters.get("sale").flatMap({ pages.page(of: $0) }) else {
            return try nothing(request, "unknownSale", .unknownSale)
        }
        return answer(request, with: page(request).sale(sale.snapshot.sale, sale.phase(at: now())))
    }

    @Sendable func orders(_ request: Request, _ context: FrontContext) throws -> Response {
        try checkIsOn()
        return answer(request, with: page(request).orders())
    }

    /// Whose order it is, the page finds out: this says nothing of it.
    @Sendable func order(_ request: Request, _ context: FrontContext) throws -> Response {
        try checkIsOn()
        guard let id = context.parameters.get("id").flatMap({ OrderID($0) }) else { return try nothing(request, "unknownOrder", .unknownOrder) }
        return answer(request, with: page(request).order(id))
    }

    /// At an address of another version, which a page of another node may ask for, its file of that
    /// name is there, too; but nobody keeps it under an address that is not its own.
    @Sendable func asset(_ request: Request, _ context: FrontContext) throws -> Response {
        try checkIsOn()
        guard let file = context.parameters.get("file").flatMap({ StorefrontAssets.files[$0] }) else { throw Problem(.notFound) }
        let isOwn = context.parameters.get("hash") == StorefrontAssets.hash
        return Response(
            status: .ok, headers: [.contentType: file.type, .cacheControl: isOwn ? "public, max-age=31536000, immutable" : "no-store"],
            body: ResponseBody(byteBuffer: file.body))
    }

    private func checkIsOn() throws(Problem) {
        if storefront == nil { throw Problem(.notFound) }
    }

    private func page(_ request: Request) -> StorefrontPage {
        let asked = request.uri.queryParameters["lang"]
        return StorefrontPage(
            language: StorefrontLanguage(asked: asked, accepted: request.headers[values: .acceptLanguage]),
            isLanguageAsked: asked.map { StorefrontLanguage(rawValue: String($0)) != nil } ?? false, isDemo: storefront?.makeToken != nil, now: now())
    }

    private func answer(_ request: Request, with html: String) -> Response {
        var hash = ContentHash()
        hash.add(html)
        let tag = "\"\(hash.text)\""
        let headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .eTag: tag, .vary: "Accept-Language",
            .contentSecurityPolicy: StorefrontPage.contentSecurityPolicy,
        ]
        guard !EntityTag.matches(tag, request.headers[values: .ifNoneMatch]) else {
            var response = Response(status: .notModified, headers: headers)
            // Zero would be said of the answer that the client has.
            response.headers[.contentLength] = nil
            return response
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// People get a page, programs a problem.
    private func nothing(_ request: Request, _ text: String, _ code: ProblemCode) throws -> Response {
        guard Accept(request.headers[values: .accept]).prefersHTML else { throw Problem(code) }
        let html = page(request).nothing(text)
        return Response(
            status: .notFound,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentSecurityPolicy: StorefrontPage.contentSecurityPolicy,
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
