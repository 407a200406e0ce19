import CHiredis

/// hiredis's incremental parser: bytes in, replies out, in order.
///
/// hiredis makes a tree of C objects per reply; each is copied and freed before `next` returns.
/// After an error the reader is of no more use, nor is the connection: where the next reply begins
/// is not known any longer.
@safe struct ReplyReader: ~Copyable {
    struct ProtocolError: Error, Equatable {
        let reason: String
    }

    /// The log of a full queue, read at once, is about 8 MB.
    static let replyBytesMax = 64 << 20
    /// Our deepest reply is an array within an array.
    static let depthMax = 4

    private let reader: UnsafeMutablePointer<redisReader>
    private var bytesSinceReply = 0

    init() {
        // NULL means that malloc failed, which nothing here survives.
        guard let reader = unsafe redisReaderCreate() else { fatalError("out of memory") }
        unsafe self.reader = reader
    }

    deinit {
        unsafe redisReaderFree(reader)
    }

    mutating func feed(_ bytes: RawSpan) throws(ProtocolError) {
        bytesSinceReply += bytes.byteCount
        guard bytesSinceReply <= Self.replyBytesMax else { throw ProtocolError(reason: "a reply is larger than \(Self.replyBytesMax) bytes") }
        // Safe: the reader copies what it is given, and is this value's own until it is freed.
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw failure }
    }

    /// The next complete reply; `nil` when more bytes are needed.
    mutating func next() throws(ProtocolError) -> RedisValue? {
        var object: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard let object = unsafe object else { return nil }
        defer { unsafe freeReplyObject(object) }
        bytesSinceReply = 0
        return try unsafe Self.copy(object.assumingMemoryBound(to: redisReply.self), depth: 1)
    }

    private static func copy(_ reply: UnsafeMutablePointer<redisReply>, depth: Int) throws(ProtocolError) -> RedisValue {
        guard depth <= depthMax else { throw ProtocolError(reason: "a reply is nested deeper than \(depthMax)") }
        switch unsafe reply.pointee.type {
        case REDIS_REPLY_NIL:
            return .null
        case REDIS_REPLY_INTEGER:
            return unsafe .integer(Int64(reply.pointee.integer))
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS:
            return unsafe .bytes([UInt8](text(of: reply)))
        case REDIS_REPLY_ERROR:
            return unsafe .error(String(decoding: text(of: reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            var elements: [RedisValue] = []
            unsafe elements.reserveCapacity(Int(reply.pointee.elements))
            for index in unsafe 0..<Int(reply.pointee.elements) {
                guard let element = unsafe reply.pointee.element[index] else { throw ProtocolError(reason: "an array lacks an element") }
                elements.append(try unsafe copy(element, depth: depth + 1))
            }
            return .array(elements)
        case let type:
            throw ProtocolError(reason: "a reply is of unknown type \(type)")
        }
    }

    private static func text(of reply: UnsafeMutablePointer<redisReply>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len))
    }

    private var failure: ProtocolError {
        let text = unsafe withUnsafeBytes(of: reader.pointee.errstr) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return ProtocolError(reason: text.isEmpty ? "hiredis gave up" : text)
    }
}
