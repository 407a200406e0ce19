import HTTPTypes
import Hummingbird
import NIOCore

/// The page behind each problem's `type`.
struct ProblemRoutes {
    func add(to router: Router<FrontContext>) {
        router.get("/problems") { _, _ in Self.page(ProblemPages.list) }
        router.get("/problems/{code}") { _, context in
            let code = context.parameters.get("code") ?? ""
            guard let page = ProblemCode(rawValue: code).map(ProblemPages.page) ?? ProblemPages.page(ofEdgesCode: code) else {
                throw Problem(.notFound)
            }
            return Self.page(page)
        }
    }

    private static func page(_ html: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: "public, max-age=3600",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
