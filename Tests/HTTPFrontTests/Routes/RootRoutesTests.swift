import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

@Suite struct RootRoutesTests {
    private let fixture = RouteFixture()

    private func get(_ uri: String, accept: String?) async throws -> TestResponse {
        var headers = HTTPFields()
        headers[.accept] = accept
        let asked = headers
        return try await fixture.test { try await $0.execute(uri: uri, method: .get, headers: asked) }
    }

    @Test(arguments: [nil, "*/*", "application/json", "application/json, text/html;q=0.5", "text/html;q=0, */*"])
    func `programs hear where everything is`(accept: String?) async throws {
        let response = try await get("/", accept: accept)
        #expect(response.headers[.contentType] == "application/json")
        #expect(String(buffer: response.body) == #"{"sales":"/v1/sales","openapi":"/openapi.json"}"#)
        #expect(response.headers[.vary] == "Accept")
    }

    @Test(arguments: ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html", "text/html, application/json;q=0.9"])
    func `browsers get a page, in which no title is markup`(accept: String) async throws {
        fixture.show(Sample.snapshot(Sample.sale(title: "<script>alert(\"&\")</script>"), available: 7))
        let response = try await get("/", accept: accept)
        let page = String(buffer: response.body)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[HTTPField.Name("Content-Security-Policy")!]?.hasPrefix("default-src 'none'") == true)
        #expect(page.contains("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;") && !page.contains("<script"))
        #expect(page.contains("/v1/sales/demo") && page.contains("/openapi.json") && page.contains("/problems"))
    }

    @Test func `whoever mistypes an address in a browser is told in words`() async throws {
        let page = try await get("/nope", accept: "text/html,application/xhtml+xml,*/*;q=0.8")
        #expect(page.status == .notFound && page.headers[.contentType] == "text/html; charset=utf-8")
        #expect(page.headers[.vary] == "Accept" && String(buffer: page.body).contains("<a href=\"/\">Home</a>"))
        let problem = try await get("/nope", accept: "application/json")
        #expect(problem.status == .notFound && problem.headers[.contentType] == "application/problem+json")
    }

    @Test func `what browsers and crawlers ask for is there`() async throws {
        #expect(try await get("/favicon.ico", accept: nil).headers[.contentType] == "image/svg+xml")
        #expect(String(buffer: try await get("/robots.txt", accept: nil).body).contains("Disallow: /"))
    }
}
