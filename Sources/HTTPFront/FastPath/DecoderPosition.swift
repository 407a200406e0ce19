import NIOCore

/// Whether the decoder stands between two requests, as far as that can be told from the bytes it
/// got and the parts that came out of them.
///
/// Only there may a purchase be taken out of the stream. When it cannot be told, as after a
/// pipelined mixture or a head in several pieces, the connection stays with the decoder for the
/// rest of its life.
struct DecoderPosition: Equatable {
    /// What came out of the decoder for one piece of the stream.
    struct Parts: Equatable {
        var heads = 0
        var ends = 0
        /// Of the newest head: what `Content-Length` says, `nil` for a chunked body.
        var bodyLength: Int?
    }

    private enum State: Equatable {
        /// Next: any other.
        case betweenRequests
        /// So many bytes of a body are still to come. Next: `betweenRequests` or `unknown`.
        case inBody(left: Int)
        /// Terminal.
        case unknown
    }

    private var state = State.betweenRequests

    var isBetweenRequests: Bool { state == .betweenRequests }

    /// The decoder was given `bytes`, all that had arrived.
    mutating func decoded(_ bytes: ByteBufferView, _ parts: Parts) {
        let (expected, count): (Int?, Int)
        switch state {
        case .betweenRequests: (expected, count) = (parts.heads == 1 ? Self.length(of: bytes, parts.bodyLength) : nil, bytes.count)
        case .inBody(let left): (expected, count) = (parts.heads == 0 ? left : nil, bytes.count)
        case .unknown: return
        }
        switch expected {
        case .some(count) where parts.ends == 1: state = .betweenRequests
        case let expected? where expected > count && parts.ends == 0: state = .inBody(left: expected - count)
        default: state = .unknown
        }
    }

    /// The length of the request with which `bytes` begin; `nil` when it has no end that is known.
    private static func length(of bytes: ByteBufferView, _ bodyLength: Int?) -> Int? {
        guard let bodyLength, bodyLength <= Int(Int32.max) else { return nil }
        let end: [UInt8] = Array("\r\n\r\n".utf8)
        var index = bytes.startIndex
        while let found = bytes[index...].firstIndex(of: end[0]) {
            if bytes[found...].starts(with: end) { return found + end.count - bytes.startIndex + bodyLength }
            index = found + 1
        }
        return nil
    }
}
