import NIOCore
import SaleService

/// The first line of the request that is coming, as far as its bytes are known: what is said of one
/// that cannot be read must not depend on how many pieces it comes in, and of another version the
/// decoder tells only behind the headers.
struct FirstLine {
    /// While bytes are read: what their request begins with, its first line at least as far as that
    /// is here; empty when that is not known.
    private(set) var bytes = ByteBuffer()
    /// What is kept from one read to the next.
    private var kept = ByteBuffer()
    private var isWhole = false
    private var hasRequestEnded = false

    /// Bytes are about to be read.
    ///
    /// - Parameter isRequestComing: some of their request came before.
    mutating func readBegins(_ arrived: ByteBuffer, isRequestComing: Bool) {
        if !isRequestComing {
            bytes = arrived
            (kept, isWhole) = (ByteBuffer(), false)
        } else if kept.readableBytes > 0 {
            if !isWhole { kept.writeImmutableBuffer(arrived) }
            bytes = kept
        }
        hasRequestEnded = false
    }

    /// - Parameter isRequestComing: a request has begun and is not here to its end.
    mutating func readEnds(isRequestComing: Bool) {
        if isRequestComing { keep() }
        bytes = ByteBuffer()
    }

    private mutating func keep() {
        // The bytes are of the request before, and none of this one's are known.
        guard !hasRequestEnded else {
            kept = ByteBuffer()
            return
        }
        guard !isWhole else { return }
        let start = bytes.readableBytesView.prefix(Limits.headerBytesMax)
        if let end = start.firstIndex(of: UInt8(ascii: "\n")) {
            (kept, isWhole) = (ByteBuffer(bytes: start[...end]), true)
        } else if start.count < bytes.readableBytes {
            kept = ByteBuffer()
        } else if kept.readableBytes == 0 {
            // A copy of what is read, which would keep its storage from the next read.
            kept = ByteBuffer(bytes: start)
        }
    }

    mutating func requestEnded() {
        hasRequestEnded = true
        (kept, isWhole) = (ByteBuffer(), false)
    }

    /// The decoder has given up at `bytes`: only what the line says is still of interest.
    mutating func awaitRest() { kept = ByteBuffer(bytes: bytes.readableBytesView) }

    /// Returns the line with `more` of it.
    mutating func append(_ more: ByteBuffer) -> ByteBuffer {
        kept.writeImmutableBuffer(more)
        return kept
    }
}
