import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Testing

@testable import HTTPFront

/// The list of sales.
@Suite struct SaleRoutesTests {
    private let fixture = RouteFixture()

    init() {
        fixture.show(Self.snapshot("a", .open), Self.snapshot("b", .paused), Self.snapshot("c", .open), Self.snapshot("d", .closed))
    }

    private static func snapshot(_ name: String, _ status: SaleStatus) -> SaleSnapshot {
        var sale = Sample.sale(status: status)
        sale.id = SaleID(name)!
        return Sample.snapshot(sale, available: 7)
    }

    private func get(_ uri: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await fixture.test { try await $0.execute(uri: uri, method: .get, headers: headers) }
    }

    private func names(_ response: TestResponse) throws -> [String] {
        try #require(try response.json["sales"] as? [[String: Any]]).compactMap { $0["sale"] as? String }
    }

    @Test func `the list is public, cacheable and without items`() async throws {
        let response = try await get("/v1/sales")
        #expect(response.headers[.cacheControl] == "public, max-age=1")
        #expect(try names(response) == ["a", "b", "c", "d"])
        let first = try #require((try response.json["sales"] as? [[String: Any]])?.first)
        #expect(Set(first.keys) == ["sale", "title", "state", "opens_at", "closes_at", "server_time"])
    }

    @Test func `pages follow one another, and the last says so`() async throws {
        let first = try await get("/v1/sales?limit=3")
        #expect(try names(first) == ["a", "b", "c"])
        let cursor = try #require(try first.json["next_cursor"] as? String)
        let last = try await get("/v1/sales?limit=3&cursor=\(cursor)")
        #expect(try names(last) == ["d"])
        #expect(String(buffer: last.body).hasSuffix("\"next_cursor\":null}"))
        #expect(String(buffer: try await get("/v1/sales?limit=4").body).hasSuffix("\"next_cursor\":null}"))
    }

    @Test func `states are picked out, over several pages`() async throws {
        #expect(try names(try await get("/v1/sales?state=open")) == ["a", "c"])
        #expect(try names(try await get("/v1/sales?state=paused,closed")) == ["b", "d"])
        let first = try await get("/v1/sales?state=open&limit=1")
        #expect(try first.json["next_cursor"] as? String == "a")
        #expect(try names(try await get("/v1/sales?state=open&limit=1&cursor=a")) == ["c"])
    }

    @Test(arguments: [
        "state=none", "state=", "state=open,open", "state=open,", "limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "cursor=", "cursor=UPPER",
        "stat=open", "limit=1&limit=1",
    ])
    func `what cannot be is refused`(query: String) async throws {
        try await get("/v1/sales?\(query)").expectProblem(.invalidRequest)
    }

    @Test func `the tag stays while only the clock moves, and goes with the stock`() async throws {
        let first = try await get("/v1/sales")
        let later = try await fixture.test(now: Sample.now.advanced(milliseconds: 5_000)) { try await $0.execute(uri: "/v1/sales", method: .get) }
        #expect(first.body != later.body)
        let tag = try #require(first.headers[.eTag])
        #expect(later.headers[.eTag] == tag)
        #expect(try await get("/v1/sales", headers: [.ifNoneMatch: tag]).status == .notModified)
        #expect(try await get("/v1/sales?limit=1").headers[.eTag] != tag)
        fixture.show(Self.snapshot("a", .open))
        #expect(try await get("/v1/sales").headers[.eTag] != tag)
    }
}
