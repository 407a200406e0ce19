import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPFront

/// What is answered where there is no room: a page to a person, a problem to a program.
@Suite struct BusyPageTests {
    private static let pages = ["/", "/sales/demo", "/sales/demo?lang=zh", "/orders", "/orders/1"]
    private static let navigation = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    private let front: FrontUnderTest

    init() throws {
        front = try FrontUnderTest(.trustedHeader, bulkhead: RequestBulkhead(browsingMax: 0, ordersMax: 0))
    }

    private func answer(_ line: String, _ headers: String...) throws -> Answer {
        Answer(try front.answer(to: (["\(line) HTTP/1.1", "Host: h"] + headers).joined(separator: "\r\n") + "\r\n\r\n"))
    }

    @Test(arguments: pages)
    func `a person's page says so, and asks again when it should`(path: String) throws {
        let answer = try answer("GET \(path)", Self.navigation)
        #expect(answer.status == 503 && answer["content-type"] == "text/html; charset=utf-8")
        #expect(answer["content-length"] == "\(answer.body.utf8.count)" && answer["cache-control"] == "no-store")
        let seconds = try #require(answer["retry-after"].flatMap { Int($0) })
        #expect((1...3).contains(seconds))
        #expect(answer.body.contains("<meta http-equiv=\"refresh\" content=\"\(seconds)\">"))
        #expect(answer["content-security-policy"]?.hasPrefix("default-src 'none'") == true && !answer.body.contains("<script"))
        #expect(answer["vary"] == "Accept, Accept-Language")
        #expect(answer.body.contains("<html lang=\"\(path.hasSuffix("zh") ? "zh-CN" : "en")\">"))
    }

    @Test func `it speaks the reader's language`() throws {
        let answer = try answer("GET /sales/demo", Self.navigation, "Accept-Language: zh-CN,zh;q=0.9,en;q=0.8")
        #expect(answer.body.contains("<html lang=\"zh-CN\">") && answer.body.contains("<h1>人太多了</h1>"))
    }

    @Test func `those who were refused together do not come back together`() throws {
        let seconds = try (0..<60).map { _ in try answer("GET /", Self.navigation)["retry-after"] }
        #expect(Set(seconds).count > 1)
    }

    @Test(arguments: ["Accept: */*", "Accept: application/json", "Accept: application/json, text/html;q=0.5", "X-Accept: none"])
    func `a program hears of the problem`(accept: String) throws {
        for path in Self.pages {
            let answer = try answer("GET \(path)", accept)
            #expect(answer.status == 503 && answer["content-type"] == "application/problem+json" && answer["vary"] == nil)
            #expect(try answer.json()["code"] as? String == "overloaded")
        }
    }

    @Test(arguments: ["GET /v1/sales", "GET /problems", "GET /v1/orders", "GET /assets/0/page.js", "GET /nowhere", "POST /orders"])
    func `what is no page stays a problem, whoever asks`(line: String) throws {
        let answer = try answer(line, Self.navigation)
        #expect(answer.status == 503 && answer["content-type"] == "application/problem+json")
    }

    /// A body that nobody expects would be taken for the next answer.
    @Test(arguments: [navigation, "Accept: */*"])
    func `a head has the length and no body`(accept: String) throws {
        let head = try answer("HEAD /orders", accept)
        #expect(head.status == 503 && head.body.isEmpty)
        #expect(head["content-length"].flatMap { Int($0) } ?? 0 > 0)
    }
}
