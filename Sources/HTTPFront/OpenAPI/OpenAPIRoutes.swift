import HTTPTypes
import Hummingbird
import NIOCore

/// The document that describes the public port, for tools. Its source is docs/openapi.yaml.
enum OpenAPIRoutes {
    private static let document = OpenAPIDocument(yaml: String(decoding: PackageResources.openapi_yaml, as: UTF8.self))

    @Sendable static func show(_ request: Request, _ context: FrontContext) -> Response {
        let headers: HTTPFields = [.contentType: "application/json", .cacheControl: "public, max-age=3600", .eTag: document.entityTag]
        guard !EntityTag.matches(document.entityTag, request.headers[values: .ifNoneMatch]) else {
            var response = Response(status: .notModified, headers: headers)
            // Zero would be said of the answer that the client has.
            response.headers[.contentLength] = nil
            return response
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: document.json))
    }
}
