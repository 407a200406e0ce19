import NIOCore
import SaleCore

/// The answer of a refusal that is the same every time but for its request id and its date. Writing
/// it is one copy and three small ones.
struct PreparedRefusal {
    private let bytes: ByteBuffer
    private let dateOffset: Int
    private let headerIDOffset: Int
    private let bodyIDOffset: Int
    /// Where the empty line begins that ends the head.
    private let headEnd: Int

    init(_ problem: Problem) {
        let frame = AnswerFrame(requestID: .number(.max), date: "Thu, 01 Jan 1970 00:00:00 GMT")
        var bytes = ByteBuffer()
        var body = ByteBuffer()
        PurchaseAnswer.problem(problem).write(frame, closes: false, body: &body, into: &bytes)
        let text = String(buffer: bytes)
        func offsets(of part: String) -> [Int] { text.ranges(of: part).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } }
        let ids = offsets(of: frame.requestID.description)
        self.bytes = bytes
        dateOffset = offsets(of: frame.date)[0]
        headerIDOffset = ids[0]
        bodyIDOffset = ids[1]
        headEnd = offsets(of: "\r\n\r\n")[0]
    }

    /// - Parameters:
    ///   - requestID: a request id of this service's own.
    ///   - date: the value of `Date`, of 29 characters as they all are.
    func write(requestID: UInt64, date: String, allowedOrigin: AllowedOrigin?, into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        var added = 0
        if let allowedOrigin {
            let span = bytes.readableBytesSpan
            buffer.writeBytes(span.extracting(first: headEnd))
            added = buffer.writeString(allowedOrigin.headers)
            buffer.writeBytes(span.extracting(headEnd...))
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
        buffer.setString(date, at: start + dateOffset)
        Self.write(requestID, into: &buffer, at: start + headerIDOffset)
        Self.write(requestID, into: &buffer, at: start + bodyIDOffset + added)
    }

    /// Overwrites what stands at `offset`.
    private static func write(_ id: UInt64, into buffer: inout ByteBuffer, at offset: Int) {
        buffer.setInteger(Hexadecimal.text(UInt32(truncatingIfNeeded: id >> 32)), at: offset)
        buffer.setInteger(Hexadecimal.text(UInt32(truncatingIfNeeded: id)), at: offset + 8)
    }
}
