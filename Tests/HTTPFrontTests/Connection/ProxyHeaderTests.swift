import SaleCore
import SaleService
import Testing

@testable import HTTPFront

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    private static func header(command: UInt8 = 0x21, family: UInt8 = 0x11, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    private static let fromIPv4 = header([203, 0, 113, 7, 10, 0, 0, 1, 0x30, 0x39, 0x00, 0x50])
    private static let fromIPv6 = header(
        family: 0x21, [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [7] + Array(repeating: 0, count: 20))

    private func read(_ bytes: [UInt8]) -> ProxyHeader.Reading { ProxyHeader.read(bytes.span.bytes) }

    @Test func theSourceIsWhoeverTheBalancerSpeaksFor() {
        #expect(read(Self.fromIPv4) == .complete(.proxied("203.0.113.7"), byteCount: 28))
        #expect(read(Self.fromIPv6) == .complete(.proxied("2001:db8::7"), byteCount: 52))
        #expect(
            read(Self.header([203, 0, 113, 7, 10, 0, 0, 1, 0, 1, 0, 2] + [0x04, 0x00, 0x01, 0x00]))
                == .complete(.proxied("203.0.113.7"), byteCount: 32))
    }

    @Test func aHealthCheckIsTheBalancersOwn() {
        #expect(read(Self.header(command: 0x20, family: 0, [])) == .complete(.local, byteCount: 16))
    }

    @Test func anUnknownFamilyIsNobodyWhoIsKnown() {
        #expect(read(Self.header(family: 0x00, [1, 2])) == .complete(.anonymous, byteCount: 18))
        #expect(read(Self.header(family: 0x31, Array(repeating: 0, count: 216))) == .complete(.anonymous, byteCount: 232))
    }

    @Test func everyPieceOfAHeaderIsIncomplete() {
        for header in [Self.fromIPv4, Self.fromIPv6] {
            for count in 0..<header.count { #expect(read(Array(header[..<count])) == .incomplete, "\(count) bytes") }
        }
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n".utf8), Array("PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n".utf8), Array("\r\n\r\nGET".utf8), header(command: 0x11, []),
        header(command: 0x22, []), header([1, 2, 3]), header(family: 0x21, Array(repeating: 0, count: 12)), header(family: 0x41, []),
        header(Array(repeating: 0, count: Limits.proxyHeaderBytesMax)),
    ])
    func anythingElseIsInvalid(bytes: [UInt8]) {
        #expect(read(bytes) == .invalid)
    }

    private static let purchase = Array(
        ("POST /v1/sales/demo/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: anna\r\nContent-Length: 30\r\n\r\n" + #"{"sku":"phone-x","quantity":1}"#).utf8)

    private func front(proxies: String) throws -> FrontUnderTest {
        try FrontUnderTest(.trustedHeader, perAddress: RateLimit(rate: 1, burst: 1), proxies: TrustedProxies(proxies), usesProxyProtocol: true)
    }

    /// The bucket of an address holds one purchase.
    @Test func buyersBehindABalancerHaveBucketsOfTheirOwn() throws {
        let front = try front(proxies: FrontUnderTest.peer)
        let other = Self.header([203, 0, 113, 8, 10, 0, 0, 1, 0, 1, 0, 2])
        #expect(try front.answer(to: [Self.fromIPv4 + Self.purchase]).hasPrefix("HTTP/1.1 201 "))
        #expect(try front.answer(to: [other + Self.purchase]).hasPrefix("HTTP/1.1 201 "))
        #expect(try front.answer(to: [Self.fromIPv4 + Self.purchase]).hasPrefix("HTTP/1.1 429 "))
    }

    @Test func theHeaderMayComeInAnyPieces() throws {
        let bytes = Self.fromIPv4 + Self.purchase
        for split in 1..<Self.fromIPv4.count + 20 {
            let answer = try front(proxies: FrontUnderTest.peer).answer(to: [Array(bytes[..<split]), Array(bytes[split...])])
            #expect(answer.hasPrefix("HTTP/1.1 201 "), "split at \(split)")
        }
    }

    @Test func aTrustedBalancerWithoutAHeaderIsNotServed() throws {
        #expect(try front(proxies: FrontUnderTest.peer).answer(to: [Self.purchase]).isEmpty)
    }

    @Test func whoeverIsNotTrustedSpeaksPlainHTTP() throws {
        #expect(try front(proxies: "10.9.9.9").answer(to: [Self.purchase]).hasPrefix("HTTP/1.1 201 "))
        #expect(try front(proxies: "10.9.9.9").answer(to: [Self.fromIPv4 + Self.purchase]).hasPrefix("HTTP/1.1 400 "))
    }

    /// Read straight from the bytes, and by the decoder, which a header that only it reads wants.
    @Test(arguments: ["", "TE: trailers\r\n"])
    func whatAStrangerCallsItsRequestIsNotRepeated(header: String) throws {
        let forged = String(decoding: Self.purchase, as: UTF8.self).replacing("Host: h\r\n", with: "Host: h\r\nX-Request-Id: forged\r\n\(header)")
        let answer = try FrontUnderTest(.trustedHeader, proxies: TrustedProxies("10.9.9.9")).answer(to: forged)
        #expect(answer.hasPrefix("HTTP/1.1 201 ") && !answer.contains("forged"), "\(answer)")
    }

    /// What the client says of itself does not count for more because a balancer stands in between.
    @Test func theClientBehindABalancerIsNotBelieved() throws {
        let front = try front(proxies: FrontUnderTest.peer)
        let forged = Array(
            String(decoding: Self.purchase, as: UTF8.self).replacing("Host: h", with: "Host: h\r\nX-Request-Id: forged\r\nX-Forwarded-For: 1.2.3.4")
                .utf8)
        #expect(!(try front.answer(to: [Self.fromIPv4 + forged]).contains("forged")))
        #expect(try front.answer(to: [Self.fromIPv4 + forged]).hasPrefix("HTTP/1.1 429 "))
    }

    /// The bucket is the balancer's, and what the client says of itself counts for nothing.
    @Test func whoeverIsNotNamedIsNotBelieved() throws {
        let front = try front(proxies: FrontUnderTest.peer)
        let forged = Array(
            String(decoding: Self.purchase, as: UTF8.self).replacing("Host: h", with: "Host: h\r\nX-Request-Id: forged\r\nX-Forwarded-For: 1.2.3.4")
                .utf8)
        let answer = try front.answer(to: [Self.header(family: 0x00, []) + forged])
        #expect(answer.hasPrefix("HTTP/1.1 201 ") && !answer.contains("forged"), "\(answer)")
        #expect(try front.answer(to: [Self.header(family: 0x00, []) + forged]).hasPrefix("HTTP/1.1 429 "))
    }
}
