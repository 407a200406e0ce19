import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore

/// The document that describes operators' REST, for tools. Its source is docs/openapi-admin.yaml.
enum OperatorDocument {
    static let path = "/admin/openapi.json"

    private static let document = OpenAPIDocument(yaml: String(decoding: PackageResources.openapi_admin_yaml, as: UTF8.self))

    @Sendable static func show(_ request: Request, _ context: FrontContext) -> Response {
        .json(document.json, entityTag: document.entityTag)
    }
}
