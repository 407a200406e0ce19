import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// For operators alone: no cache may keep it.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, entityTag: String? = nil) throws -> Response {
        json(try ByteBuffer.json(value), status: status, entityTag: entityTag)
    }

    static func json(_ body: ByteBuffer, status: HTTPResponse.Status = .ok, entityTag: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if let entityTag { headers[.eTag] = entityTag }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

extension ByteBuffer {
    static func json(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(value))
    }
}
