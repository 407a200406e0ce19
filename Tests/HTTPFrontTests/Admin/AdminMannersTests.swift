import NIOCore
import NIOEmbedded
import NIOHTTP1
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct AdminMannersTests {
    private static func exchange(_ head: String) throws -> (request: HTTPRequestHead, answer: String) {
        let channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([
            HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder()), AdminManners(now: { Sample.now }),
        ])
        try channel.writeInbound(ByteBuffer(string: head))
        guard case .head(let request)? = try channel.readInbound(as: HTTPServerRequestPart.self) else { throw ChannelError.eof }
        channel.write(
            HTTPServerResponsePart.head(
                HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "0", "Date": "Thu, 01 Jan 1970 00:00:00 GMT"])),
            promise: nil)
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        var answer = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { answer += String(buffer: bytes) }
        return (request, answer)
    }

    /// It would have to be told that the connection stays open, and waits for its end otherwise.
    @Test(arguments: ["", "Connection: Keep-Alive\r\n", "Connection: close\r\n"])
    func aClientOfTheOldVersionIsToldThatItsConnectionCloses(header: String) throws {
        let (request, answer) = try Self.exchange("GET /metrics HTTP/1.0\r\n\(header)\r\n")
        // Hummingbird closes after the answer to such a request.
        #expect(request.headers["connection"] == ["close"])
        #expect(answer.contains("Connection: close\r\n"))
    }

    @Test func anotherKeepsItsConnection() throws {
        let (request, answer) = try Self.exchange("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(!request.headers.contains(name: "Connection"))
        #expect(!answer.contains("Connection"))
    }

    @Test func theDateIsThatOfEveryOtherAnswer() throws {
        let (_, answer) = try Self.exchange("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(answer.matches(of: #/Date: ([^\r]*)/#).map { String($0.1) } == [Sample.now.httpDate])
    }
}
