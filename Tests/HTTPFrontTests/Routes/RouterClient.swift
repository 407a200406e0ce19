import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HTTPFront

/// What a route answered.
struct TestResponse: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ByteBuffer
}

/// Asks the routes without a connection.
struct RouterClient: Sendable {
    private let responder: RouterResponder<FrontContext>
    private let logger: Logger

    init(_ router: Router<FrontContext>, logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })) {
        responder = router.buildResponder()
        self.logger = logger
    }

    func execute(
        uri: String, method: HTTPRequest.Method, headers: HTTPFields = [:], body: ByteBuffer? = nil
    ) async throws -> TestResponse {
        var headers = headers
        if let body { headers[.contentLength] = "\(body.readableBytes)" }
        let head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: uri, headerFields: headers)
        let context = FrontContext(source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: logger))
        let response = try await responder.respond(to: Request(head: head, body: RequestBody(buffer: body ?? ByteBuffer())), context: context)
        let written = WrittenBody()
        try await response.body.write(written)
        return TestResponse(status: response.status, headers: response.headers, body: written.bytes.withLock { $0 })
    }

    private final class WrittenBody: ResponseBodyWriter {
        let bytes = Mutex(ByteBuffer())

        func write(_ buffer: ByteBuffer) async throws {
            _ = bytes.withLock { $0.writeImmutableBuffer(buffer) }
        }

        func finish(_ trailers: HTTPFields?) async throws {}
    }
}
