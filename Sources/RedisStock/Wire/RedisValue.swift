/// A reply of Redis (RESP2), copied out of hiredis's memory.
enum RedisValue: Sendable, Equatable {
    case null
    case integer(Int64)
    /// A status or a bulk string.
    case bytes([UInt8])
    case array([RedisValue])
    /// Such as `NOSCRIPT No matching script.`
    case error(String)

    /// The text of a status or a bulk string; `nil` for anything else.
    var text: String? {
        guard case .bytes(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An integer, or text that is one.
    var number: Int64? {
        switch self {
        case .integer(let number): number
        case .bytes: text.flatMap { Int64($0) }
        case .null, .array, .error: nil
        }
    }

    var elements: [RedisValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}
