import Hummingbird
import NIOCore

/// One condition of being ready.
package struct ReadinessCheck: Sendable, Equatable {
    package var name: String
    package var isOK: Bool
    /// One line for an operator; no secrets, for it is shown to whoever asks.
    package var detail: String

    package init(name: String, isOK: Bool, detail: String = "") {
        self.name = name
        self.isOK = isOK
        self.detail = detail
    }
}

/// `/livez`: the process answers. `/readyz`: it should be sent requests; with `?verbose`, why not.
struct HealthRoutes {
    private let readiness: @Sendable () async -> [ReadinessCheck]

    init(readiness: @escaping @Sendable () async -> [ReadinessCheck]) {
        self.readiness = readiness
    }

    @Sendable static func live(_ request: Request, _ context: FrontContext) -> Response {
        answer(.ok, ByteBuffer(string: "{\"status\":\"live\"}"))
    }

    @Sendable func ready(_ request: Request, _ context: FrontContext) async -> Response {
        let checks = await readiness()
        let isReady = checks.allSatisfy(\.isOK)
        let body = Self.body(isReady: isReady, checks: request.uri.queryParameters.has("verbose") ? checks : nil)
        return Self.answer(isReady ? .ok : .serviceUnavailable, body)
    }

    private static func answer(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> Response {
        Response(status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"], body: ResponseBody(byteBuffer: body))
    }

    private static func body(isReady: Bool, checks: [ReadinessCheck]?) -> ByteBuffer {
        var body = ByteBuffer(string: isReady ? "{\"status\":\"ready\"" : "{\"status\":\"not_ready\"")
        if let checks {
            body.writeStaticString(",\"checks\":[")
            for (index, check) in checks.enumerated() {
                body.writeString(index > 0 ? ",{\"name\":" : "{\"name\":")
                body.writeJSONString(check.name)
                body.writeString(check.isOK ? ",\"ok\":true,\"detail\":" : ",\"ok\":false,\"detail\":")
                body.writeJSONString(check.detail)
                body.writeInteger(UInt8(ascii: "}"))
            }
            body.writeInteger(UInt8(ascii: "]"))
        }
        body.writeInteger(UInt8(ascii: "}"))
        return body
    }
}
