import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import HTTPFront

@Suite struct PublicRoutesTests {
    private let fixture = RouteFixture()

    @Test(arguments: [
        "/v1", "/v2/sales", "/v1/sales/demo/orders/x", "/admin", "/metrics", "/v1/orders/a/b", "/problems/no_such_code",
    ])
    func unknownPathIs404(path: String) async throws {
        try await execute(path, .get).expectProblem(.notFound)
    }

    /// One spelling of each resource: what a proxy might decode or fold is not taken.
    @Test(arguments: [
        "/v1/sales/", "/v1//sales", "//v1/sales", "/v1/./sales", "/v1/x/../sales", "/v1/sales/..", "/v1/sales/.", "/v1/%73ales", "/v1/sales/d%65mo",
        "/v1/sales/demo%2Forders", "/v1/sales/..%2f..%2flivez", "/v1\\sales", "/v1/sales/demo;a=b/x", "/v1/sales#x", "/V1/sales", "/livez/",
        "/v1/sales/demo/orders/", "/v1/sales/demo/%6frders", "/v1/sales/dem\u{f6}",
    ])
    func otherSpellingOfAPathIs404(path: String) async throws {
        fixture.show(Sample.snapshot(available: nil))
        for method in [HTTPRequest.Method.get, .post] { #expect(try await execute(path, method).status == .notFound) }
    }

    @Test(arguments: [
        ("/v1/sales", "GET, HEAD"), ("/v1/sales/demo", "GET, HEAD"), ("/v1/sales/demo/orders", "POST"), ("/v1/orders", "GET, HEAD"),
        ("/v1/sales/demo/events", "GET, HEAD"),
        ("/v1/orders/x", "GET, HEAD"), ("/livez", "GET, HEAD"), ("/readyz", "GET, HEAD"), ("/problems", "GET, HEAD"),
        ("/problems/sold_out", "GET, HEAD"), ("/v1/orders/x/cancel", "POST"), ("/v1/payments/events", "POST"),
    ])
    func wrongMethodIs405WithWhatIsAllowed(path: String, allow: String) async throws {
        for method in [HTTPRequest.Method.put, .delete, .patch, .trace, .connect, HTTPRequest.Method("FOO")!] {
            let response = try await execute(path, method)
            try response.expectProblem(.methodNotAllowed)
            #expect(response.headers[.allow] == allow)
        }
        let other: HTTPRequest.Method = allow == "POST" ? .get : .post
        try await execute(path, other).expectProblem(.methodNotAllowed)
    }

    @Test func longBodyIs413AndEndsTheConnection() async throws {
        let body = ByteBuffer(repeating: UInt8(ascii: "a"), count: Limits.bodyBytesMax + 1)
        let response = try await fixture.test { try await $0.execute(uri: "/v1/sales", method: .get, body: body) }
        try response.expectProblem(.bodyTooLarge)
        #expect(response.headers[.connection] == "close")
    }

    @Test func bodyAtTheLimitIsTaken() async throws {
        let body = ByteBuffer(repeating: UInt8(ascii: "a"), count: Limits.bodyBytesMax)
        #expect(try await fixture.test { try await $0.execute(uri: "/v1/sales", method: .get, body: body) }.status == .ok)
    }

    @Test(arguments: [
        HTTPResponse.Status.badRequest, .notFound, .contentTooLarge, .unsupportedMediaType, .unprocessableContent, .internalServerError,
    ])
    func errorsOfHummingbirdLeaveAsProblems(status: HTTPResponse.Status) async throws {
        let response = try await Self.failing(with: HTTPError(status, message: "secret"))
        let expected: ProblemCode =
            switch status.code {
            case 400: .malformedRequest
            case 404: .notFound
            case 413: .bodyTooLarge
            case 415: .unsupportedMediaType
            case 422: .invalidRequest
            default: .overloaded
            }
        try response.expectProblem(expected)
        #expect(!String(buffer: response.body).contains("secret"))
    }

    @Test func unforeseenErrorIs503AndTellsNothing() async throws {
        struct Unforeseen: Error { let secret = "hunter2" }
        let response = try await Self.failing(with: Unforeseen())
        try response.expectProblem(.overloaded)
        #expect(!String(buffer: response.body).contains("hunter2"))
    }

    @Test func cancelledRequestIsToldThatTheNodeDrains() async throws {
        try await Self.failing(with: CancellationError()).expectProblem(.draining)
    }

    @Test func collectedBodyBeyondTheLimitIs413() async throws {
        try await Self.failing(with: NIOTooManyBytesError(maxBytes: 1)).expectProblem(.bodyTooLarge)
    }

    @Test func problemOfHeadHasNoBody() async throws {
        let response = try await execute("/nowhere", .head)
        #expect(response.status == .notFound)
        #expect(response.body.readableBytes == 0)
    }

    @Test func requestIDsDiffer() async throws {
        let ids = try await [execute("/livez", .get), execute("/livez", .get)].map { $0.headers[.requestID] }
        #expect(ids[0] != nil && ids[0] != ids[1])
    }

    @Test func livenessNeedsNothing() async throws {
        fixture.state.withLock { $0.checks = [ReadinessCheck(name: "redis", isOK: false)] }
        #expect(try await execute("/livez", .get).status == .ok)
    }

    @Test func readinessIsEveryCheck() async throws {
        fixture.state.withLock { $0.checks = [ReadinessCheck(name: "redis", isOK: true), ReadinessCheck(name: "postgres", isOK: true)] }
        let ready = try await execute("/readyz", .get)
        #expect(ready.status == .ok)
        #expect(try ready.json["status"] as? String == "ready")
        #expect(try ready.json["checks"] == nil)
        fixture.state.withLock { $0.checks[1] = ReadinessCheck(name: "postgres", isOK: false, detail: "no \"answer\"") }
        #expect(try await execute("/readyz", .get).status == .serviceUnavailable)
        let verbose = try await execute("/readyz?verbose", .get)
        #expect(verbose.status == .serviceUnavailable)
        let checks = try #require(try verbose.json["checks"] as? [[String: Any]])
        #expect(checks.map { $0["name"] as? String } == ["redis", "postgres"])
        #expect(checks.map { $0["ok"] as? Bool } == [true, false])
        #expect(checks.last?["detail"] as? String == "no \"answer\"")
    }

    @Test(arguments: ProblemCode.allCases)
    func everyTypeHasItsPage(code: ProblemCode) async throws {
        let response = try await execute(code.typeReference, .get)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(String(buffer: response.body).contains(code.title))
    }

    @Test func problemsAreListed() async throws {
        #expect(String(buffer: try await execute("/problems", .get).body).contains("/problems/sold_out"))
    }

    private func execute(_ uri: String, _ method: HTTPRequest.Method) async throws -> TestResponse {
        try await fixture.test { try await $0.execute(uri: uri, method: method) }
    }

    private static func failing(with error: any Error) async throws -> TestResponse {
        let router = Router(context: FrontContext.self)
        router.add(middleware: ProblemMiddleware(.public, report: nil))
        router.get("/livez") { _, _ -> Response in throw error }
        return try await RouterClient(router).execute(uri: "/livez", method: .get)
    }
}
