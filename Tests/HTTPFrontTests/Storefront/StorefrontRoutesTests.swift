import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

@Suite struct StorefrontRoutesTests {
    private let fixture = RouteFixture(storefront: Storefront { "made-up" })
    private static let paths = ["/sales/demo", "/orders", "/orders/\(Sample.orderID)", StorefrontAssets.path(of: "page.js")]

    init() {
        fixture.show(Sample.snapshot(Sample.sale(title: "<b>Autumn</b> & more"), available: 7))
    }

    private func get(
        _ uri: String, _ fields: [HTTPField.Name: String] = [:], method: HTTPRequest.Method = .get, of other: RouteFixture? = nil
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.accept: "text/html"]
        for (name, value) in fields { headers[name] = value }
        let asked = headers
        return try await (other ?? fixture).test { try await $0.execute(uri: uri, method: method, headers: asked) }
    }

    @Test(arguments: ["/"] + paths.dropLast())
    func `a page is checked again each time, and sent again only when it has changed`(path: String) async throws {
        let first = try await get(path)
        #expect(first.status == .ok && first.headers[.contentType] == "text/html; charset=utf-8")
        #expect(first.headers[.cacheControl] == "no-cache")
        #expect(first.headers[HTTPField.Name("Content-Security-Policy")!] == StorefrontPage.contentSecurityPolicy)
        let tag = try #require(first.headers[.eTag])
        let second = try await get(path, [.ifNoneMatch: tag])
        #expect(second.status == .notModified && second.body.readableBytes == 0 && second.headers[.eTag] == tag)
        let head = try await get(path, method: .head)
        #expect(head.status == .ok && head.body.readableBytes == 0 && head.headers[.eTag] == tag)
    }

    @Test func `a sale's page tells its title and facts without a script, and no text is markup`() async throws {
        let page = String(buffer: try await get("/sales/demo").body)
        #expect(page.contains("<h1>&lt;b&gt;Autumn&lt;/b&gt; &amp; more</h1>") && !page.contains("<b>"))
        #expect(page.contains("data-sku=\"phone-x\" data-state=\"loading\"") && page.contains("CNY 3999.00"))
        #expect(page.contains("data-action=\"buy\"") && page.contains("aria-disabled=\"true\""))
        #expect(page.contains("\(Sample.now.advanced(milliseconds: 3_600_000))"))
        #expect(!page.contains("style=") && !page.contains("onclick") && !page.contains("<script>"))
    }

    @Test(arguments: [
        (nil, nil, "en"), (nil, "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), (nil, "en-GB, zh;q=0.5", "en"), (nil, "fr, zh;q=0.2, en;q=0.1", "zh-CN"),
        ("zh", "en", "zh-CN"), ("en", "zh", "en"), ("xx", "zh", "zh-CN"),
    ])
    func `the language is the one asked for, else the browser's`(asked: String?, accepted: String?, tag: String) async throws {
        let response = try await get("/orders" + (asked.map { "?lang=\($0)" } ?? ""), accepted.map { [.acceptLanguage: $0] } ?? [:])
        #expect(String(buffer: response.body).contains("<html lang=\"\(tag)\""))
        #expect(response.headers[.vary] == "Accept-Language")
    }

    @Test func `an address of another site's making is a page like any other`() async throws {
        #expect(try await get("/sales/demo?utm_source=mail").status == .ok)
    }

    @Test(arguments: ["/sales/none", "/orders/none"])
    func `where there is nothing, people get a page and programs a problem`(path: String) async throws {
        let page = try await get(path)
        #expect(page.status == .notFound && page.headers[.contentType] == "text/html; charset=utf-8")
        try await get(path, [.accept: "*/*"]).expectProblem(path.hasPrefix("/sales") ? .unknownSale : .unknownOrder)
    }

    @Test func `the list has running, coming and ended sales apart`() async throws {
        var coming = Sample.sale(title: "Winter")
        (coming.id, coming.opensAt) = (SaleID("winter")!, Sample.now.advanced(milliseconds: 1_000))
        var ended = Sample.sale(title: "Spring", status: .closed)
        ended.id = SaleID("spring")!
        fixture.show(Sample.snapshot(available: 7), Sample.snapshot(coming, available: 7), Sample.snapshot(ended, available: 7))
        let page = String(buffer: try await get("/").body)
        let places = ["data-group=\"running\"", "/sales/demo", "data-group=\"coming\"", "/sales/winter", "data-group=\"ended\"", "/sales/spring"]
            .map { page.range(of: $0)?.lowerBound }
        #expect(!places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(String(buffer: try await get("/", [.accept: "*/*"]).body) == #"{"sales":"/v1/sales","openapi":"/openapi.json"}"#)
    }

    @Test func `a sale that runs is shown, however many are over`() async throws {
        let over = (0..<200).map { number in
            var sale = Sample.sale(status: .closed)
            sale.id = SaleID("a\(number)")!
            return Sample.snapshot(sale, available: 7)
        }
        let running = Sample.snapshot(available: 7)
        let sales = Dictionary(uniqueKeysWithValues: (over + [running]).map { ($0.id, $0) })
        for fixture in [fixture, RouteFixture()] {
            fixture.pages.update(sales)
            let page = String(buffer: try await get("/", of: fixture).body)
            #expect(page.contains("/sales/demo\">") && page.matches(of: #/<a href="[^"]*\/sales\/a/#).count == 99)
        }
    }

    @Test func `a sale that was closed early is not told to have ended in the future`() async throws {
        fixture.show(Sample.snapshot(Sample.sale(status: .closed), available: 7))
        for path in ["/", "/sales/demo"] {
            let page = String(buffer: try await get(path).body)
            #expect(page.contains(#"<span hidden><span data-text="endedAt">"#))
            #expect(!page.contains(/<span><span data-text="(closesAt|endedAt|openSince)">/))
        }
        fixture.show(Sample.snapshot(available: 7))
        let page = String(buffer: try await get("/sales/demo").body)
        for fact in ["openSince", "closesAt"] { #expect(page.contains("<span><span data-text=\"\(fact)\">")) }
    }

    @Test func `buyers' pages do not send them to what programs read, the first page does`() async throws {
        #expect(String(buffer: try await get("/").body).contains("/openapi.json"))
        for path in ["/sales/demo", "/orders"] {
            let page = String(buffer: try await get(path).body)
            #expect(!page.contains("/openapi.json") && !page.contains("/problems"))
        }
    }

    @Test func `modules are sent without comments, but for what shops read`() throws {
        let modules = StorefrontAssets.files.filter { $0.key.hasSuffix(".js") }
        for (name, file) in modules {
            let text = String(buffer: file.body)
            #expect(!text.contains(/(?m)^ *\/\//), "\(name)")
            #expect(text.contains("/**") == (name == "seckill.js"), "\(name)")
        }
    }

    @Test func `what a page loads is there, for ever, and for the pages of shops`() async throws {
        let page = String(buffer: try await get("/sales/demo").body)
        let addresses = Set(page.matches(of: /"(\/assets\/[^"]+)"/).map { String($0.1) })
        #expect(addresses.count > 8)
        for address in addresses {
            let response = try await get(address)
            #expect(response.status == .ok && response.headers[.cacheControl] == "public, max-age=31536000, immutable", "\(address)")
        }
        #expect(RouteTable.public.isForEverybody(StorefrontAssets.path(of: "seckill.js")))
        #expect(try await get(StorefrontAssets.path(of: "page.js")).headers[.contentType] == "text/javascript; charset=utf-8")
        try await get(StorefrontAssets.path(of: "other.js"), [.accept: "*/*"]).expectProblem(.notFound)
    }

    /// As a page of a node of another version asks for it.
    @Test func `at another version's address is the file of that name, and nobody keeps it`() async throws {
        let (own, other) = (try await get(StorefrontAssets.path(of: "page.js")), try await get("/assets/0/page.js"))
        #expect(other.status == .ok && other.body == own.body && other.headers[.contentType] == own.headers[.contentType])
        #expect(other.headers[.cacheControl] == "no-store")
        try await get("/assets/0/other.js", [.accept: "*/*"]).expectProblem(.notFound)
    }

    @Test func `every module that a module imports is served`() throws {
        for (name, file) in StorefrontAssets.files where name.hasSuffix(".js") {
            for match in String(buffer: file.body).matches(of: /(?:from |import\()"\.\/([a-z]+\.js)"/) {
                #expect(StorefrontAssets.files[String(match.1)] != nil, "\(name) imports \(match.1)")
            }
        }
    }

    @Test(arguments: paths + ["/demo/token"])
    func `with the storefront off nothing is there`(path: String) async throws {
        let method: HTTPRequest.Method = path.hasPrefix("/demo") ? .post : .get
        try await get(path, [.accept: "*/*"], method: method, of: RouteFixture()).expectProblem(.notFound)
    }

    @Test func `both languages have the same texts, and every page finds its own`() throws {
        #expect(Set(StorefrontLanguage.en.texts.keys) == Set(StorefrontLanguage.zh.texts.keys))
        #expect(StorefrontLanguage.zh.texts["ready"] == "立即抢购" && StorefrontLanguage.en.texts["won"] == "It is yours")
        #expect(!StorefrontLanguage.allCases.contains { $0.texts.values.contains("") })
        for (name, file) in StorefrontAssets.files where name.hasSuffix(".js") {
            for match in String(buffer: file.body).matches(of: /\bt\("([A-Za-z_]+)"/) {
                #expect(StorefrontLanguage.en.texts[String(match.1)] != nil, "\(name) says \(match.1)")
            }
        }
    }

    /// Of what the page shows the docs have the same table.
    @Test func `the button's states are those that the decision names`() throws {
        let module = String(buffer: try #require(StorefrontAssets.files["states.js"]).body)
        let table = module.matches(of: /(?m)^  ([a-z_]+): \{ look/).map { String($0.1) }
        #expect(
            table == [
                "loading", "waiting", "ready", "sending", "retrying", "held", "won", "sold_out", "limit", "paused", "closed", "unknown", "signed_out",
            ])
        let file = URL(filePath: #filePath).appending(path: "../../../../docs/decisions/0051-storefront.md").standardized
        let told = try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^\| `([a-z_]+)` \|/).map { String($0.1) }
        #expect(told == table)
    }
}
