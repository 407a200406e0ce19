import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import SaleCore
import SaleService

/// The outermost middleware: every answer that is not a success leaves as a problem, but for an
/// address that a browser's reader mistyped, and every answer carries its request id.
package struct ProblemMiddleware: RouterMiddleware {
    private let table: RouteTable
    private let report: RequestReport?
    private let bodyBytesMax: Int
    private let believesName: @Sendable (FrontContext) -> Bool
    private let admit: @Sendable (Request, inout FrontContext) throws -> Void

    /// - Parameters:
    ///   - report: `nil` tells of no request.
    ///   - believesName: whether the request's `X-Request-Id` is its name.
    ///   - admit: decides, before anything else is looked at, whether the request may go on.
    package init(
        _ table: RouteTable, report: RequestReport?, bodyBytesMax: Int = Limits.bodyBytesMax,
        believesName: @escaping @Sendable (FrontContext) -> Bool = { _ in true },
        admit: @escaping @Sendable (Request, inout FrontContext) throws -> Void = { _, _ in }
    ) {
        self.table = table
        self.report = report
        self.bodyBytesMax = bodyBytesMax
        self.believesName = believesName
        self.admit = admit
    }

    @concurrent package func handle(
        _ request: Request, context: FrontContext, next: @concurrent (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        let began = monotonicNow()
        var context = context.named(as: request, isNamed: believesName(context))
        var response: Response
        var code: ProblemCode?
        do {
            try admit(request, &context)
            try check(request)
            response = try await next(request, context)
        } catch let error as HTTPParserError {
            // The server itself answers it and closes the connection.
            throw error
        } catch {
            let problem = problem(for: error, logger: context.logger)
            code = problem.code
            response = Self.page(of: problem, for: request) ?? problem.response(requestID: context.requestID)
        }
        response.headers[.requestID] = context.requestID.description
        response.headers[.contentTypeOptions] = "nosniff"
        if let report {
            // What a client chose to wait for is not late.
            let waited = response.headers[.preferenceApplied].flatMap { Preference(headerValues: [$0]).waitSeconds } ?? 0
            tell(report, request, context, response.status.code, code, since: began, waited: UInt64(waited) * 1_000_000_000)
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Whoever mistyped an address in a browser is told in words.
    private static func page(of problem: Problem, for request: Request) -> Response? {
        guard problem.code == .notFound, request.method == .get || request.method == .head, Accept(request.headers[values: .accept]).prefersHTML
        else { return nil }
        let headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .vary: "Accept",
            .contentSecurityPolicy: HTMLDocument.contentSecurityPolicy,
        ]
        return Response(status: .notFound, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: ProblemPages.page(of: problem.code))))
    }

    private func tell(
        _ report: RequestReport, _ request: Request, _ context: FrontContext, _ status: Int, _ code: ProblemCode?, since began: MonotonicInstant,
        waited: UInt64
    ) {
        let (path, now) = (request.uri.path, monotonicNow())
        report.answered(
            AccessLine(
                requestID: context.requestID, trace: TraceID(of: request), method: request.method.rawValue, path: path, status: status, code: code,
                nanoseconds: began.duration(to: now), waitedNanoseconds: waited),
            route: table.route(of: path), at: now)
    }

    private func check(_ request: Request) throws(Problem) {
        guard let methods = table.methods(at: request.uri.path) else { throw Problem(.notFound) }
        guard methods.contains(request.method) else {
            var problem = Problem(.methodNotAllowed)
            problem.allow = methods.map(\.rawValue).joined(separator: ", ")
            throw problem
        }
        if request.method == .get || request.method == .head { try table.checkParameters(of: request.uri) }
        // A number that is too large to count is too large.
        if let length = request.headers[.contentLength], Int(length) ?? .max > bodyBytesMax {
            throw Problem(.bodyTooLarge, detail: bodyBytesMax == Limits.bodyBytesMax ? nil : "The body is longer than \(bodyBytesMax) bytes.")
        }
    }

    private func problem(for error: any Error, logger: Logger) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let failure as AuthFailure: return failure.problem
        case let error as HTTPError: return Problem(error)
        case is NIOTooManyBytesError: return Problem(.bodyTooLarge)
        case is CancellationError: return Problem(.draining, retryAfterSeconds: 1)
        case is JournalError, is StoreError:
            logger.warning("A store did not answer a request", metadata: [LogKey.error: "\(error)"])
            return Problem(.recovering, detail: "The orders cannot be read at the moment.", retryAfterSeconds: 1)
        default:
            logger.error("A request failed in an unforeseen way", metadata: [LogKey.error: "\(error)"])
            return Problem(.overloaded, detail: "The request could not be answered.", retryAfterSeconds: 1)
        }
    }
}

extension Problem {
    /// What Hummingbird refuses by itself.
    fileprivate init(_ error: HTTPError) {
        switch error.status.code {
        case 401: self = AuthFailure.missingCredentials.problem
        case 403: self.init(.forbidden)
        case 404: self.init(.notFound)
        case 405: self.init(.methodNotAllowed)
        case 413: self.init(.bodyTooLarge)
        case 415: self.init(.unsupportedMediaType)
        case 422: self.init(.invalidRequest)
        case 431: self.init(.headersTooLarge)
        case 400..<500: self.init(.malformedRequest)
        default: self.init(.overloaded, retryAfterSeconds: 1)
        }
    }

    /// The answer that tells it.
    package func response(requestID: RequestID) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let retryAfterSeconds { headers[.retryAfter] = "\(retryAfterSeconds)" }
        if let rateLimit { headers.tell(rateLimit) }
        if let challenge { headers[.wwwAuthenticate] = challenge }
        if let allow { headers[.allow] = allow }
        if let link { headers[.link] = link }
        if let entityTag { headers[.eTag] = entityTag }
        // The rest of such a body is not worth reading.
        if code == .bodyTooLarge { headers[.connection] = "close" }
        return Response(
            status: .init(code: code.status), headers: headers, body: ResponseBody(byteBuffer: body(requestID: requestID)))
    }
}
