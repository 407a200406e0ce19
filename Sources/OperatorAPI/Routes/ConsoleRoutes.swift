import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore

/// The operators' console: a page, and the files that it loads. Both are the same for everybody;
/// what the page shows and does goes over operators' REST, with the token of whoever looks at it.
struct ConsoleRoutes: Sendable {
    /// The page need not ask for a token before it has tried without one.
    let readsAlone: Bool

    static let all: [Route<ConsoleRoutes>] = [
        Route("showConsole", .get, "/console/", nil) { $0.page },
        // The router does not tell it from the one above.
        Route("leadToConsole", .get, "/console", nil, nil),
        Route("showConsoleFile", .get, "/console/assets/{hash}/{file}", nil) { _ in asset },
    ]

    /// Nothing but these files runs, loads and is sent to; nothing frames the page; no text becomes
    /// markup.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'", "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    @Sendable private func page(_ request: Request, _ context: FrontContext) -> Response {
        guard request.uri.path.hasSuffix("/") else { return Response(status: .permanentRedirect, headers: [.location: "/console/"]) }
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        headers[.policy] = Self.contentSecurityPolicy
        headers[.referrerPolicy] = "no-referrer"
        headers[.crossOriginOpenerPolicy] = "same-origin"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ConsoleFiles.page(readsAlone: readsAlone)))
    }

    @Sendable private static func asset(_ request: Request, _ context: FrontContext) throws -> Response {
        guard context.parameters.get("hash") == ConsoleFiles.hash, let file = context.parameters.get("file").flatMap({ ConsoleFiles.assets[$0] })
        else {
            throw Problem(.notFound)
        }
        return Response(
            status: .ok, headers: [.contentType: file.type, .cacheControl: "public, max-age=31536000, immutable"],
            body: ResponseBody(byteBuffer: file.body))
    }
}

extension HTTPField.Name {
    fileprivate static let policy = HTTPField.Name("Content-Security-Policy")!
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    fileprivate static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
}
