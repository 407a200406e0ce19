import NIOCore

/// The answer of a refusal that is the same every time but for its request id and its date. Writing it is one copy and three small ones.
struct PreparedRefusal {
    private let bytes: ByteBuffer
    private let dateOffset: Int
    private let headerIDOffset: Int
    private let bodyIDOffset: Int

    init(_ problem: Problem) {
        let frame = AnswerFrame(requestID: RequestID(rawValue: 0xFFFF_FFFF_FFFF_FFFF), date: "Thu, 01 Jan 1970 00:00:00 GMT")
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
    }

    /// - Parameter date: the value of `Date`, of 29 characters as they all are.
    func write(requestID: RequestID, date: String, into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeImmutableBuffer(bytes)
        buffer.setString(date, at: start + dateOffset)
        requestID.write(into: &buffer, at: start + headerIDOffset)
        requestID.write(into: &buffer, at: start + bodyIDOffset)
    }
}
