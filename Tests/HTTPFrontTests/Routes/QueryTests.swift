import Foundation
import HTTPTypes
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import HTTPFront

@Suite struct QueryTests {
    private let fixture = RouteFixture()

    private func get(_ uri: String) async throws -> TestResponse {
        try await fixture.test { try await $0.execute(uri: uri, method: .get, headers: .user(Sample.alice)) }
    }

    /// It would be answered with everything, although something was asked for.
    @Test(arguments: [
        ("/v1/orders?limt=5", "limt"), ("/v1/orders?limit=5&state=paid", "state"), ("/v1/sales?sku=a", "sku"), ("/problems?a=b", "a"),
        ("/problems/sold_out?a", "a"),
        ("/v1/orders/\(Sample.orderID)?x", "x"), ("/v1/orders?Limit=5", "Limit"),
    ])
    func aParameterThatIsNotKnownIsNamed(uri: String, name: String) async throws {
        let response = try await get(uri)
        try response.expectProblem(.invalidRequest)
        #expect(String(buffer: response.body).contains("\"field\":\"\(name)\""))
    }

    @Test func aParameterThatIsThereTwiceIsNamed() async throws {
        let response = try await get("/v1/orders?limit=1&limit=2")
        try response.expectProblem(.invalidRequest)
        #expect(String(buffer: response.body).contains("is there twice"))
    }

    @Test(arguments: [
        "/v1/orders?limit=5", "/v1/orders?", "/v1/orders", "/v1/sales?", "/livez?from=balancer",
    ])
    func othersAreAnswered(uri: String) async throws {
        #expect(try await get(uri).status == .ok)
    }

    @Test func manyAreNotAllSentBack() async throws {
        let response = try await get("/v1/sales?" + (0..<500).map { "p\($0)=1" }.joined(separator: "&"))
        try response.expectProblem(.invalidRequest)
        #expect(String(buffer: response.body).components(separatedBy: "\"field\"").count == 1 + BodyProblem.violationsMax)
    }

    /// A tracker's parameter must not lose an order.
    @Test func whatChangesSomethingMayHaveAny() async throws {
        fixture.state.withLock { $0.cancelOutcome = .cancelled(Sample.order(state: .cancelled)) }
        let response = try await fixture.test {
            try await $0.execute(uri: "/v1/orders/\(Sample.orderID)/cancel?utm=1", method: .post, headers: .user(Sample.alice))
        }
        #expect(response.status == .ok)
    }
}

@Suite struct OrderLimitTests {
    private static func paths(_ id: OrderID) -> [(HTTPRequest.Method, String)] {
        [(.get, "/v1/orders/\(id)"), (.get, "/v1/orders"), (.post, "/v1/orders/\(id)/cancel")]
    }

    /// Each look costs the stores more than a refused purchase, made-up ids included.
    @Test func oneUserHasOneBucketForAllThatHeDoesWithOrders() async throws {
        let fixture = RouteFixture(orderLimit: RateLimit(rate: 1, burst: 3))
        for (method, uri) in Self.paths(Sample.orderID) {
            let response = try await fixture.test { try await $0.execute(uri: uri, method: method, headers: .user(Sample.alice)) }
            #expect(response.status != .tooManyRequests)
            #expect(response.headers[.rateLimitPolicy] == "\"orders\";q=3;w=3")
        }
        for (method, uri) in Self.paths(Sample.orderID) {
            let response = try await fixture.test { try await $0.execute(uri: uri, method: method, headers: .user(Sample.alice)) }
            try response.expectProblem(.rateLimited)
            #expect(response.headers[.rateLimitPolicy] == "\"orders\";q=3;w=3")
            #expect(response.headers[.rateLimit]?.hasPrefix("\"orders\";r=0;t=") == true)
            #expect(String(buffer: response.body).contains("\"violated_policies\":[\"orders\"]"))
            let other = try await fixture.test { try await $0.execute(uri: uri, method: method, headers: .user(Sample.mallory)) }
            #expect(other.status != .tooManyRequests)
        }
    }

    @Test func whoProvesNothingTakesNothing() async throws {
        let fixture = RouteFixture(orderLimit: RateLimit(rate: 1, burst: 1))
        for _ in 0..<3 { try await fixture.test { try await $0.execute(uri: "/v1/orders", method: .get) }.expectProblem(.unauthenticated) }
        #expect(try await fixture.test { try await $0.execute(uri: "/v1/orders", method: .get, headers: .user(Sample.alice)) }.status == .ok)
    }

    @Test func withoutALimitNothingIsSaidOfOne() async throws {
        let response = try await RouteFixture().test { try await $0.execute(uri: "/v1/orders", method: .get, headers: .user(Sample.alice)) }
        #expect(response.headers[.rateLimit] == nil)
    }
}
