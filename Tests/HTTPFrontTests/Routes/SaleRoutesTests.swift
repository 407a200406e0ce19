import HTTPTypes
import Hummingbird
import SaleCore
import Synchronization
import Testing

@testable import HTTPFront

@Suite struct SaleRoutesTests {
    private let fixture = RouteFixture()

    init() {
        fixture.state.withLock { $0.views = [SaleView(sale: Sample.sale(), available: [SKU("phone-x")!: 7])] }
    }

    @Test func saleIsPublicAndCacheable() async throws {
        let response = try await get("/v1/sales/demo")
        #expect(response.status == .ok)
        #expect(response.headers[.cacheControl] == "public, max-age=1")
        #expect(response.headers[.eTag] != nil)
        #expect(try response.json["sale"] as? String == "demo")
        #expect(try response.json["state"] as? String == "open")
    }

    @Test func listHasEverySale() async throws {
        let response = try await get("/v1/sales")
        #expect(response.headers[.cacheControl] == "public, max-age=1")
        #expect((try response.json["sales"] as? [[String: Any]])?.map { $0["sale"] as? String } == ["demo"])
    }

    @Test(arguments: ["other", "UPPER", "a~b"])
    func unknownSaleIs404(sale: String) async throws {
        try await get("/v1/sales/\(sale)").expectProblem(.unknownSale)
    }

    @Test(arguments: ["/v1/sales", "/v1/sales/demo"])
    func entityTagStaysWhileOnlyTheClockMoves(path: String) async throws {
        let first = try await get(path)
        let later = try await fixture.test(now: Sample.now.advanced(milliseconds: 5_000)) { try await $0.execute(uri: path, method: .get) }
        #expect(first.body != later.body)
        #expect(first.headers[.eTag] == later.headers[.eTag])
    }

    @Test(arguments: ["/v1/sales", "/v1/sales/demo"])
    func entityTagMovesWithTheStock(path: String) async throws {
        let first = try await get(path)
        fixture.state.withLock { $0.views[0].available[SKU("phone-x")!] = 6 }
        #expect(try await get(path).headers[.eTag] != first.headers[.eTag])
    }

    @Test func entityTagMovesWithThePhase() async throws {
        let first = try await get("/v1/sales/demo")
        let closed = try await fixture.test(now: Sample.now.advanced(milliseconds: 3_600_000)) {
            try await $0.execute(uri: "/v1/sales/demo", method: .get)
        }
        #expect(try closed.json["state"] as? String == "closed")
        #expect(first.headers[.eTag] != closed.headers[.eTag])
    }

    @Test func clientThatHasTheAnswerGets304() async throws {
        let tag = try #require(try await get("/v1/sales/demo").headers[.eTag])
        let strong = String(tag.dropFirst(2))
        for condition in [tag, strong, "\"x\", \(tag)", "\"x\",\(tag) , \"y\"", "*"] {
            let response = try await get("/v1/sales/demo", headers: [.ifNoneMatch: condition])
            #expect(response.status == .notModified, "\(condition)")
            #expect(response.body.readableBytes == 0)
            #expect(response.headers[.eTag] == tag)
            #expect(response.headers[.contentLength] == nil)
        }
        #expect(try await get("/v1/sales/demo", headers: [.ifNoneMatch: "\"x\""]).status == .ok)
    }

    @Test func headAnswersWithoutABody() async throws {
        let whole = try await get("/v1/sales/demo")
        let response = try await fixture.test { try await $0.execute(uri: "/v1/sales/demo", method: .head) }
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
        #expect(response.headers[.contentLength] == "\(whole.body.readableBytes)")
        #expect(response.headers[.eTag] == whole.headers[.eTag])
    }

    @Test func unitsThatRedisDoesNotKnowAreNotCalledSoldOut() async throws {
        fixture.state.withLock { $0.views[0].available = [:] }
        let sale = try await get("/v1/sales/demo").json
        #expect(sale["state"] as? String == "open")
        #expect((sale["items"] as? [[String: Any]])?.first?["available"] as? Int == 990)
    }

    @Test func saleWithoutUnitsIsSoldOut() async throws {
        fixture.state.withLock { $0.views[0].available[SKU("phone-x")!] = 0 }
        #expect(try await get("/v1/sales/demo").json["state"] as? String == "sold_out")
    }

    private func get(_ uri: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await fixture.test { try await $0.execute(uri: uri, method: .get, headers: headers) }
    }
}
