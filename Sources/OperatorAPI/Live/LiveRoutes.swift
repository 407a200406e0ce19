import HTTPFront
import HTTPTypes
import Hummingbird
import NIOCore
import SaleService

/// The service as it is, second by second, for whoever watches it.
struct LiveRoutes {
    static let parameters = ["history"]

    private let dependencies: OperatorRoutes.Dependencies

    init(_ dependencies: OperatorRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable func watch(_ request: Request, _ context: FrontContext) async throws -> Response {
        let history = try Query(request, Self.parameters).integer("history", 0...Limits.liveHistoryMax) ?? 0
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no"]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        let caller = try context.requireCaller()
        let stream = try dependencies.live.listen(history: history) { [isStillOperator = dependencies.isStillOperator] in
            isStillOperator(caller)
        } onStall: { [channel = context.channel] in
            channel.close(promise: nil)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(asyncSequence: stream))
    }
}

extension HTTPField.Name {
    /// nginx passes each event on at once.
    fileprivate static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
