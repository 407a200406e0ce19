import NIOCore
import NIOEmbedded
import SaleCore
import Testing

@testable import HTTPFront

/// What every answer to a purchase tells beside its body.
@Suite struct PurchaseHeadersTests {
    private static func purchase(_ sale: String = "demo", user: String = "X-User-Id: anna\r\n") -> String {
        "POST /v1/sales/\(sale)/orders HTTP/1.1\r\nHost: h\r\n\(user)Content-Length: 30\r\n\r\n{\"sku\":\"phone-x\",\"quantity\":1}"
    }

    private static func header(_ name: String, of answer: String) -> String? {
        answer.split(separator: "\r\n\r\n")[0].split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map {
            String($0.dropFirst(name.count + 2))
        }
    }

    @Test(arguments: ["demo", "gone", "halted", "none"])
    func noAnswerIsGuessedAt(sale: String) throws {
        let answer = try FrontUnderTest(.trustedHeader).answer(to: Self.purchase(sale))
        #expect(Self.header("X-Content-Type-Options", of: answer) == "nosniff")
        #expect(Self.header("Cache-Control", of: answer) == "no-store")
    }

    @Test func `pages can read that the router took too long, under the name that it has in the log`() throws {
        var limits = ConnectionLimits()
        (limits.loopLagMax, limits.loopLagBrowsingMax, limits.requestTotal) = (.max, .max, 1_000_000_000)
        let front = try FrontUnderTest(
            .trustedHeader, proxies: TrustedProxies(FrontUnderTest.peer), origins: "https://shop.example", limits: limits)
        let channel = try front.open()
        let request = "GET /v1/orders HTTP/1.1\r\nHost: h\r\nX-Request-Id: edge-7\r\nOrigin: https://shop.example\r\n\r\n"
        _ = try? channel.writeInbound(ByteBuffer(string: request))
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        var answer = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { answer += String(buffer: bytes) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(Self.header("Access-Control-Allow-Origin", of: answer) == "https://shop.example")
        #expect(Self.header("X-Request-Id", of: answer) == "edge-7")
    }

    @Test func aPausedSaleSaysWhenToComeBack() throws {
        let answer = try FrontUnderTest(.trustedHeader).answer(to: Self.purchase("halted"))
        #expect(answer.contains("\"code\":\"paused\"") && answer.contains("\"retryable\":true"))
        #expect((2...5).contains(try #require(Self.header("Retry-After", of: answer).flatMap { Int($0) })))
    }

    @Test func whomABucketRefusesHearsOfIt() throws {
        let one = RateLimit(rate: 1, burst: 1)
        for (front, policy) in [
            (try FrontUnderTest(.trustedHeader, perUser: one), "user"), (try FrontUnderTest(.trustedHeader, perAddress: one), "ip"),
            (try FrontUnderTest(.trustedHeader, total: one), "total"),
        ] {
            _ = try front.answer(to: Self.purchase())
            let answer = try front.answer(to: Self.purchase())
            #expect(answer.hasPrefix("HTTP/1.1 429 "))
            #expect(answer.contains("\"violated_policies\":[\"\(policy)\"]"))
            #expect(Self.header("RateLimit-Policy", of: answer) == "\"\(policy)\";q=1;w=1")
            #expect(Self.header("RateLimit", of: answer) == "\"\(policy)\";r=0;t=1")
        }
    }

    /// A bucket was asked, and the request was refused for another reason: nobody hears how full it
    /// is before he says who he is.
    @Test func whoDoesNotSayWhoHeIsHearsNothingOfBuckets() throws {
        let answer = try FrontUnderTest(.trustedHeader, perAddress: RateLimit(rate: 1, burst: 9)).answer(to: Self.purchase(user: ""))
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        #expect(Self.header("RateLimit", of: answer) == nil)
    }
}
