import NIOCore
import NIOEmbedded
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

/// Requests without a body that are taken out of the bytes, and those that must not be.
@Suite struct PlainRequestTests {
    private static let host = "Host: shop.example\r\n"
    private static let preflight = "Origin: https://shop.example\r\nAccess-Control-Request-Method: POST\r\n"

    private static func request(_ line: String, _ headers: String = "") -> String { "\(line) HTTP/1.1\r\n\(host)\(headers)\r\n" }

    private func read(_ text: String, isBehindProxy: Bool = false) -> (request: FastPathPlain?, left: String) {
        var buffer = ByteBuffer(string: text)
        let request = FastPathReader(usesTokens: true, isBehindProxy: isBehindProxy).next(from: &buffer)
        let plain: FastPathPlain? = if case .plain(let plain)? = request { plain } else { nil }
        return (plain, String(buffer: buffer))
    }

    @Test(arguments: [
        request("GET /v1/sales/demo"), request("GET /v1/time"), request("GET /v1/sales/a.b_c-1", "If-None-Match: W/\"1-open\", \"x\"\r\n"),
        request(
            "GET /v1/sales/demo", "Connection: keep-alive\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\nCookie: a=b\r\nSec-Fetch-Site: same-origin\r\n"
        ),
        request("GET /v1/sales/demo", "Authorization: Bearer x\r\nOrigin: https://a\r\nX-Forwarded-For: 10.0.0.1\r\n"),
        request("OPTIONS /v1/sales/demo/orders", preflight),
        request("OPTIONS /v1/orders?limit=5&cursor=x", preflight + "Access-Control-Request-Headers: authorization,idempotency-key\r\n"),
    ])
    func `what browsers and programs send is taken`(text: String) {
        let (request, left) = read(text + "POST")
        #expect(request != nil)
        #expect(left == "POST")
        for count in 1..<text.utf8.count { #expect(read(String(text.utf8.prefix(count))!).request == nil) }
    }

    /// Some are wrong, some are not: none is for this reader.
    @Test(arguments: [
        request("GET /v1/sales"), request("GET /v1/sales/demo?x"), request("GET /v1/sales/demo/orders"), request("GET /v1/sales/.."),
        request("GET /v1/sales/Demo"), request("GET /v1/times"), request("GET /v1/time?"), request("GET /v1/orders/1"), request("HEAD /v1/time"),
        request("GET /"), request("GET http://h/v1/time"), request("GET  /v1/time"), request("GET /v1/time").replacing("1.1", with: "1.0"),
        request("GET /v1/time").replacing(host, with: ""), request("GET /v1/time", host), request("GET /v1/time", "Content-Length: 0\r\n"),
        request("GET /v1/time", "Transfer-Encoding: chunked\r\n"), request("GET /v1/time", "Connection: close\r\n"),
        request("GET /v1/time", "Upgrade: h2c\r\n"), request("GET /v1/time", "Expect: 100-continue\r\n"), request("GET /v1/time", "X-A : b\r\n"),
        request("GET /v1/time", "X-A: \u{7}\r\n"), request("GET /v1/time", " folded\r\n"),
        request("GET /v1/sales/demo", "If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n"), request("GET /v1/sales/demo", "If-None-Match:\r\n"),
        request("GET /v1/time", "Origin: https://a\r\nOrigin: https://b\r\n"), request("OPTIONS /v1/time"),
        request("OPTIONS /v1/time", "Origin: https://a\r\n"), request("OPTIONS /v1/time", "Access-Control-Request-Method: POST\r\n"),
        request("OPTIONS *", preflight), request("OPTIONS http://h/", preflight), request("OPTIONS /a%20b", preflight),
        request("OPTIONS /a#b", preflight),
    ])
    func `anything else is left as it is`(text: String) {
        let (request, left) = read(text)
        #expect(request == nil)
        #expect(left == text)
    }

    @Test func `a proxy's names are read only where they count`() {
        let text = Self.request("GET /v1/time", "X-Request-Id: edge-7\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n")
        #expect(read(text, isBehindProxy: true).request.map { $0.text($0.requestID) } == "edge-7")
        #expect(read(text).request?.requestID.isPresent == false)
        #expect(read(text).request?.trace.isPresent == false)
    }

    /// Whoever waits for an order holds none of the places of those who look at theirs.
    @Test func `waiting has places of its own, and when they are taken nobody waits`() throws {
        let front = try FrontUnderTest(.trustedHeader, bulkhead: RequestBulkhead(ordersMax: 0, waitingMax: 1))
        func ask(_ prefer: String, _ target: String = "GET /v1/orders/x") throws -> (channel: EmbeddedChannel, answer: String) {
            let channel = try front.open()
            _ = try? channel.writeInbound(ByteBuffer(string: "\(target) HTTP/1.1\r\n\(Self.host)\(prefer)\r\n"))
            var text = ""
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return (channel, text)
        }
        // Nothing else waits, whatever it says.
        for target in ["GET /v1/orders", "POST /v1/orders/x/cancel", "GET /assets/x/app.css"] {
            let (channel, answer) = try ask("Prefer: wait=20\r\n", target)
            #expect(answer.hasPrefix("HTTP/1.1 503 "), "\(target)")
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }
        let waiting = try ask("Prefer: wait=20\r\n")
        #expect(waiting.answer.isEmpty)
        for prefer in ["Prefer: wait=20\r\n", "Prefer: wait=0\r\n", "Prefer: respond-async\r\n", ""] {
            let (channel, answer) = try ask(prefer)
            #expect(answer.hasPrefix("HTTP/1.1 503 "), "\(prefer)")
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }
        _ = try? waiting.channel.finish(acceptAlreadyClosed: true)
        let next = try ask("Prefer: wait=20\r\n")
        #expect(next.answer.isEmpty)
        _ = try? next.channel.finish(acceptAlreadyClosed: true)
    }
}
