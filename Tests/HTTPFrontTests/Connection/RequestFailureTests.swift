import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPFront

@Suite struct RequestFailureTests {
    private static func failure(_ text: String) -> RequestFailure { RequestFailure(.invalidVersion, line: ByteBuffer(string: text)) }

    @Test(arguments: ["GET / HTTP/1.2\r\n", "GET / HTTP/3.0\r\nHost: h\r\n\r\n"])
    func anotherVersionIsNotSupported(text: String) {
        #expect(Self.failure(text) == .version)
    }

    /// However the parser calls it.
    @Test(arguments: [
        "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\nHost: h\r\n\r\n", "GET / HTTP/1.2\nHost: h\r\n\r\n", "GET / HTTP/1.1 \r\n",
        "GET / HTTP/1.0\r\n",
        "GET / HTTP/1.2", "GET / HTTP/one\r\n", "", "\n",
    ])
    func whatIsNoLineOfAVersionIsUnreadable(text: String) {
        #expect(Self.failure(text) == .unreadable(.invalidVersion))
    }
}
