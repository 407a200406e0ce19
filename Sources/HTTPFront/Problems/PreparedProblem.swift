package import NIOCore

/// The bytes of a problem that is the same every time but for its request id. Writing it allocates nothing.
package struct PreparedProblem: Sendable {
    package let problem: Problem
    private let beforeID: ByteBuffer
    private let afterID: ByteBuffer

    package init(_ problem: Problem) {
        self.problem = problem
        var before = ByteBuffer()
        problem.writeUpToRequestID(into: &before)
        self.beforeID = before
        var after = ByteBuffer()
        problem.writeFromRequestID(into: &after)
        self.afterID = after
    }

    /// The length of the body: the same for every request id.
    package var byteCount: Int { beforeID.readableBytes + RequestID.byteCount + afterID.readableBytes }

    /// Where the request id stands in the body.
    package var requestIDOffset: Int { beforeID.readableBytes }

    package func write(requestID: RequestID, into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(beforeID)
        requestID.write(into: &buffer)
        buffer.writeImmutableBuffer(afterID)
    }
}

extension Problem {
    package var prepared: PreparedProblem { PreparedProblem(self) }
}
