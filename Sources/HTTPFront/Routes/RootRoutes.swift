import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// What a newcomer opens first, and what browsers and crawlers ask for by themselves.
struct RootRoutes {
    private let pages: SalePages
    private let now: @Sendable () -> Timestamp
    private let storefront: StorefrontRoutes

    init(_ dependencies: PublicRoutes.Dependencies) {
        pages = dependencies.pages
        now = dependencies.now
        storefront = StorefrontRoutes(dependencies)
    }

    /// Where everything is: for programs JSON, for a browser a page, and the storefront where there
    /// is one.
    @Sendable func root(_ request: Request, _ context: FrontContext) -> Response {
        let wantsPage = Accept(request.headers[values: .accept]).prefersHTML
        if wantsPage, let page = storefront.salesPage(request) { return page }
        let body = wantsPage ? page() : "{\"sales\":\"/v1/sales\",\"openapi\":\"/openapi.json\"}"
        var headers: HTTPFields = [
            .contentType: wantsPage ? "text/html; charset=utf-8" : "application/json", .cacheControl: "no-cache", .vary: "Accept",
        ]
        if wantsPage { headers[.contentSecurityPolicy] = HTMLDocument.contentSecurityPolicy }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }

    private func page() -> String {
        let rows = pages.foremost(at: now()).map { page, phase in
            let (sale, state) = (page.snapshot.sale, phase.rawValue.replacing("_", with: " "))
            return "<tr><td><a href=\"/v1/sales/\(sale.id)\">\(HTMLDocument.text(sale.title))</a></td><td>\(state)</td><td>\(sale.opensAt)</td></tr>"
        }
        let table =
            rows.isEmpty
            ? "<p>There is no sale.</p>"
            : "<table><tr><th>Sale</th><th>State</th><th>Opens at</th></tr>\n\(rows.joined(separator: "\n"))</table>"
        return HTMLDocument.document(
            title: "Seckill",
            body: """
                <h1>Seckill</h1>
                <p>The purchase API of a flash sale.</p>
                \(table)
                <p><a href="/v1/sales">All sales</a> · <a href="/openapi.json">OpenAPI</a> · <a href="/problems">What errors mean</a></p>
                """)
    }

    @Sendable static func icon(_ request: Request, _ context: FrontContext) -> Response {
        kept(ByteBuffer(bytes: PackageResources.icon_svg), "image/svg+xml")
    }

    /// Nothing here is worth finding by a search.
    @Sendable static func robots(_ request: Request, _ context: FrontContext) -> Response {
        kept(ByteBuffer(string: "User-agent: *\nDisallow: /\n"), "text/plain; charset=utf-8")
    }

    private static func kept(_ body: ByteBuffer, _ type: String) -> Response {
        Response(status: .ok, headers: [.contentType: type, .cacheControl: "public, max-age=86400"], body: ResponseBody(byteBuffer: body))
    }
}

/// What a client would rather have.
struct Accept {
    /// Prefers a page for people to JSON; one that takes anything is a program.
    let prefersHTML: Bool

    /// - Parameter values: of all `Accept` headers.
    init(_ values: [String]) {
        var (html, json) = (0.0, 0.0)
        for entry in values.lazy.flatMap({ $0.split(separator: ",") }) {
            let parts = entry.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            switch parts.first {
            case "text/html", "application/xhtml+xml": html = max(html, quality)
            case "application/json": json = max(json, quality)
            default: break
            }
        }
        prefersHTML = html > json
    }
}
