import NIOCore
import Testing

@testable import HTTPFront

@Suite struct DecoderPositionTests {
    private typealias Piece = (text: String, parts: DecoderPosition.Parts)

    private static let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    private static let post = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"

    private func isBetween(after pieces: Piece...) -> Bool {
        var position = DecoderPosition()
        for piece in pieces { position.decoded(ByteBuffer(string: piece.text).readableBytesView, piece.parts) }
        return position.isBetweenRequests
    }

    @Test func oneWholeRequestLeavesItBetweenRequests() {
        #expect(isBetween())
        #expect(isBetween(after: (Self.get, .init(heads: 1, ends: 1, bodyLength: 0))))
        #expect(isBetween(after: (Self.post + "12345", .init(heads: 1, ends: 1, bodyLength: 5))))
        let request: Piece = (Self.get, .init(heads: 1, ends: 1, bodyLength: 0))
        #expect(isBetween(after: request, request))
    }

    @Test func aBodyInPiecesIsFollowedToItsEnd() {
        let head: Piece = (Self.post + "1", .init(heads: 1, ends: 0, bodyLength: 5))
        let middle: Piece = ("23", .init(heads: 0, ends: 0, bodyLength: 5))
        let end: Piece = ("45", .init(heads: 0, ends: 1, bodyLength: 5))
        #expect(!isBetween(after: head))
        #expect(!isBetween(after: head, middle))
        #expect(isBetween(after: head, middle, end))
        #expect(isBetween(after: head, middle, end, (Self.get, .init(heads: 1, ends: 1, bodyLength: 0))))
    }

    /// Once it cannot be told where the decoder stands, it never can again.
    @Test func whatCannotBeToldStaysWithTheDecoder() {
        let whole: Piece = (Self.get, .init(heads: 1, ends: 1, bodyLength: 0))
        let unclear: [[Piece]] = [
            [("GET / HT", .init(heads: 0, ends: 0, bodyLength: nil))],
            [(Self.get + "GET", .init(heads: 1, ends: 1, bodyLength: 0))],
            [(Self.get + Self.get, .init(heads: 2, ends: 2, bodyLength: 0))],
            [(Self.post + "1", .init(heads: 1, ends: 0, bodyLength: 5)), ("2345GET", .init(heads: 0, ends: 1, bodyLength: 5))],
            [("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .init(heads: 1, ends: 1, bodyLength: nil))],
            [(Self.post + "12345", .init(heads: 1, ends: 1, bodyLength: .max))],
        ]
        for pieces in unclear {
            var position = DecoderPosition()
            for piece in pieces + [whole] { position.decoded(ByteBuffer(string: piece.text).readableBytesView, piece.parts) }
            #expect(!position.isBetweenRequests, "\(pieces)")
        }
    }
}
