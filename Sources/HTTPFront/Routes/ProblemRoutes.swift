import HTTPTypes
import Hummingbird
import NIOCore

/// The page behind each problem's `type`.
enum ProblemRoutes {
    @Sendable static func list(_ request: Request, _ context: FrontContext) -> Response { page(ProblemPages.list) }

    @Sendable static func show(_ request: Request, _ context: FrontContext) throws -> Response {
        let code = context.parameters.get("code") ?? ""
        guard let html = ProblemCode(rawValue: code).map(ProblemPages.page) ?? ProblemPages.page(ofEdgesCode: code) else {
            throw Problem(.notFound)
        }
        return page(html)
    }

    private static func page(_ html: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: "public, max-age=3600",
                .contentSecurityPolicy: HTMLDocument.contentSecurityPolicy,
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
