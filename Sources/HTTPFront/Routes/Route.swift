package import HTTPTypes
package import Hummingbird

/// One thing that a port answers. All that must be known of it stands in the port's list of routes,
/// once: the router, what a path answers to, which parameters its query may have and whose places
/// its requests take follow from there.
package struct Route<Dependencies: Sendable>: Sendable {
    package typealias Handler = @Sendable @concurrent (Request, FrontContext) async throws -> Response

    /// One word for what it does, as an OpenAPI document names it.
    package let operation: String
    /// GET stands for HEAD, too.
    package let method: HTTPRequest.Method
    /// With `{name}` for a segment that may be anything.
    package let path: String
    /// Names that its query may have; `nil` is any.
    let parameters: [String]?
    /// Whose places its requests take; `nil` is never refused. The same for all methods of a path.
    let kind: RequestBulkhead.Kind?
    /// A GET is answered alike to everybody, and caches may keep it: pages of every origin may read
    /// it.
    let isForEverybody: Bool
    /// A GET opens a page for people.
    let isPage: Bool
    /// `nil` for what is answered before the router, and stands here for its 405.
    let handler: (@Sendable (Dependencies) -> Handler)?

    package init(
        _ operation: String, _ method: HTTPRequest.Method, _ path: String, parameters: [String]? = nil, _ kind: RequestBulkhead.Kind?,
        isForEverybody: Bool = false, isPage: Bool = false, _ handler: (@Sendable (Dependencies) -> Handler)?
    ) {
        self.operation = operation
        self.method = method
        self.path = path
        self.parameters = parameters
        self.kind = kind
        self.isForEverybody = isForEverybody
        self.isPage = isPage
        self.handler = handler
    }
}

extension Router where Context == FrontContext {
    package func add<Dependencies>(_ routes: [Route<Dependencies>], _ dependencies: Dependencies) {
        for route in routes {
            guard let handler = route.handler else { continue }
            on(RouterPath(route.path), method: route.method, use: handler(dependencies))
        }
    }
}
