import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore
import SaleService

/// What happened, for the shop's own systems, and how nodes and stores are.
struct OperatorFeedRoutes {
    private struct Nodes: Encodable {
        var nodes: [OperatorNode]
    }

    static let eventParameters = ["after", "limit", "wait", "type"]

    private let dependencies: OperatorRoutes.Dependencies

    init(_ dependencies: OperatorRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    /// One page, or as many lines with their ids as cursors where the client accepts those. `Link`
    /// tells either where to go on, also behind events that were not asked for.
    @Sendable func events(_ request: Request, _ context: FrontContext) async throws -> Response {
        let query = try Query(request, Self.eventParameters)
        let after = try query.value("after", "must be the next of a page, or an event's id") { EventPosition($0) }
        let limit = try query.integer("limit", 1...Limits.eventsPageMax) ?? Limits.eventsPageMax
        let wait = try query.integer("wait", 0...Limits.eventsWaitSecondsMax) ?? 0
        let types: Set<EventType>? = try query.value("type", "must be types of events, such as order.paid,order.expired") { text in
            let types = text.split(separator: ",", omittingEmptySubsequences: false).map { EventType(String($0)) }
            return types.allSatisfy(EventType.all.contains) ? Set(types) : nil
        }
        let page = try await OperatorProblem.translating {
            try await dependencies.events.events(after: after ?? .beginning, limit: limit, types: types, wait: .seconds(wait))
        }
        var response =
            OrderExport(accepted: request.headers[values: .accept]) == .ndjson
            ? Response(
                status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: EventJSON.lines(page.events))))
            : .json(ByteBuffer(string: EventJSON.text(page)))
        let others = Self.eventParameters.filter { $0 != "after" }.compactMap { name in query[name].map { "&\(name)=\($0)" } }
        response.headers[.link] = "<\(request.uri.path)?after=\(page.next)\(others.joined())>; rel=\"next\""
        return response
    }

    @Sendable func nodes(_ request: Request, _ context: FrontContext) async throws -> Response {
        _ = try Query(request, [])
        return try .json(Nodes(nodes: try await OperatorProblem.translating { try await dependencies.nodes.nodes() }.map(OperatorNode.init)))
    }

    /// A store that is away is a finding, not a failure.
    @Sendable func stores(_ request: Request, _ context: FrontContext) async throws -> Response {
        _ = try Query(request, [])
        return try .json(OperatorStores(await dependencies.stores()))
    }
}

extension HTTPField.Name {
    fileprivate static let link = HTTPField.Name("Link")!
}
