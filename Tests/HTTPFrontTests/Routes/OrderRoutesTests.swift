import Cryptography
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import HTTPFront
@testable import Signatures

@Suite struct OrderRoutesTests {
    private let fixture = RouteFixture()
    private let path = "/v1/orders/\(Sample.orderID)"

    @Test func ownerReadsACommittedOrder() async throws {
        fixture.state.withLock { $0.orders[Sample.orderID] = Sample.order() }
        let response = try await get(path)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.requestID]?.count == 16)
        #expect(try response.json["state"] as? String == "awaiting_payment")
        #expect(try response.json["user"] == nil)
    }

    @Test func ownerReadsAReservedOrder() async throws {
        fixture.state.withLock { $0.reservations[Sample.orderID] = Sample.order(state: .reserved) }
        #expect(try await get(path).json["state"] as? String == "reserved")
    }

    @Test func orderThatIsCommittedBetweenTheTwoLooksIsFound() async throws {
        fixture.state.withLock { $0.committedDuringLookup = Sample.order() }
        #expect(try await get(path).json["state"] as? String == "awaiting_payment")
    }

    @Test func orderOfAnotherUserLooksLikeNone() async throws {
        fixture.state.withLock { $0.orders[Sample.orderID] = Sample.order(user: Sample.mallory) }
        try await get(path).expectProblem(.unknownOrder)
        fixture.state.withLock { state in
            state.orders = [:]
            state.reservations[Sample.orderID] = Sample.order(user: Sample.mallory, state: .reserved)
        }
        try await get(path).expectProblem(.unknownOrder)
    }

    @Test(arguments: ["018f4a00-0000-7001-8000-000000000009", "1", "not-an-id", "018f4a00000070018000000000000001"])
    func unknownOrderIs404(id: String) async throws {
        try await get("/v1/orders/\(id)").expectProblem(.unknownOrder)
    }

    @Test(arguments: ["/v1/orders", "/v1/orders/018f4a00-0000-7001-8000-000000000001"])
    func nobodyIs401WithAChallenge(path: String) async throws {
        let response = try await fixture.test { try await $0.execute(uri: path, method: .get) }
        try response.expectProblem(.unauthenticated)
        #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
    }

    @Test func twoUserHeadersAre401() async throws {
        var headers = HTTPFields.user(Sample.alice)
        headers.append(HTTPField(name: Authenticator.userHeader, value: "mallory"))
        let response = try await fixture.test { [path, headers] in try await $0.execute(uri: path, method: .get, headers: headers) }
        try response.expectProblem(.unauthenticated)
    }

    @Test func bearerTokenNamesTheOwner() async throws {
        fixture.state.withLock { $0.orders[Sample.orderID] = Sample.order() }
        let secret = Array("0123456789abcdef0123456789abcdef".utf8)
        let verifier = TokenVerifier(keys: try VerificationKeys.hmac(secretFileBytes: secret))
        let signed = Base64URL.text(#"{"alg":"HS256"}"#.utf8) + "." + Base64URL.text(#"{"sub":"alice","exp":1800000600}"#.utf8)
        let token = signed + "." + Base64URL.text(HMACKey(secret).code(of: signed.utf8.span))
        let response = try await fixture.test(authenticator: .jwt(verifier)) { [path] client in
            // In this mode the gateway's header means nothing.
            let forged = try await client.execute(uri: path, method: .get, headers: .user(Sample.alice))
            try forged.expectProblem(.unauthenticated)
            return try await client.execute(uri: path, method: .get, headers: [.authorization: "Bearer \(token)"])
        }
        #expect(response.status == .ok)
    }

    @Test(arguments: [JournalError.unavailable(reason: "x"), .outcomeUnknown(reason: "x"), .failed(reason: "x", sqlState: "XX000")])
    func postgresThatDoesNotAnswerIs503(error: JournalError) async throws {
        fixture.state.withLock { state in
            state.journalError = error
            state.reservations[Sample.orderID] = Sample.order(state: .reserved)
        }
        try await get(path).expectProblem(.recovering)
        try await get("/v1/orders").expectProblem(.recovering)
    }

    /// Not 404: the order may be there.
    @Test func reservationsThatCannotBeReadAre503() async throws {
        fixture.state.withLock { $0.lookupError = .notSent(reason: "x") }
        try await get(path).expectProblem(.recovering)
    }

    @Test func pagesFollowOneAnotherNewestFirst() async throws {
        let ids = (1...5).map { OrderID(high: 0x018F_4A00_0000_7000, low: 0x8000_0000_0000_0000 + $0) }
        fixture.state.withLock { state in
            for id in ids { state.orders[id] = Sample.order(id) }
            state.orders[Sample.orderID] = Sample.order(user: Sample.mallory)
        }
        var seen: [String] = []
        var uri = "/v1/orders?limit=2"
        while true {
            let page = try await get(uri).json
            let orders = try #require(page["orders"] as? [[String: Any]])
            seen += orders.compactMap { $0["id"] as? String }
            guard let cursor = page["next_cursor"] as? String else { break }
            uri = "/v1/orders?limit=2&cursor=\(cursor)"
        }
        #expect(seen == ids.reversed().map(\.description))
    }

    @Test func pageHasTwentyOrdersByDefault() async throws {
        fixture.state.withLock { state in
            for index in 0..<21 { state.orders[OrderID(high: 1, low: UInt64(index))] = Sample.order(OrderID(high: 1, low: UInt64(index))) }
        }
        let page = try await get("/v1/orders").json
        #expect((page["orders"] as? [Any])?.count == 20)
        #expect(page["next_cursor"] is String)
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=-1", "limit=+1", "limit=", "limit=1.0", "limit=99999999999999999999", "limit=ten", "cursor=", "cursor=x",
    ])
    func wrongParameterIsNamed(query: String) async throws {
        let response = try await get("/v1/orders?\(query)")
        try response.expectProblem(.invalidRequest)
        let field = query.prefix { $0 != "=" }
        #expect((try response.json["errors"] as? [[String: String]])?.map { $0["field"] } == [String(field)])
    }

    @Test(arguments: ["limit=1", "limit=100"])
    func limitReachesItsBounds(query: String) async throws {
        #expect(try await get("/v1/orders?\(query)").status == .ok)
    }

    private func get(_ uri: String) async throws -> TestResponse {
        try await fixture.test { try await $0.execute(uri: uri, method: .get, headers: .user(Sample.alice)) }
    }
}

/// `Prefer: wait` on an order.
@Suite struct OrderWaitTests {
    private let fixture = RouteFixture()

    init() {
        fixture.state.withLock { $0.reservations[Sample.orderID] = Sample.order(state: .reserved) }
    }

    private func get(_ prefer: String?) async throws -> (response: TestResponse, took: Duration) {
        var headers = HTTPFields.user(Sample.alice)
        if let prefer { headers[.prefer] = prefer }
        let asked = headers
        let began = ContinuousClock.now
        let response = try await fixture.test {
            try await $0.execute(uri: "/v1/orders/\(Sample.orderID)", method: .get, headers: asked)
        }
        return (response, ContinuousClock.now - began)
    }

    private func decide() { fixture.state.withLock { $0.orders[Sample.orderID] = Sample.order() } }

    @Test func `an order is answered when it is decided`() async throws {
        async let answer = get("wait=20")
        try await Task.sleep(for: .milliseconds(200))
        decide()
        let (response, took) = try await answer
        #expect(try response.json["state"] as? String == "awaiting_payment")
        #expect(response.headers[.preferenceApplied] == "wait=20")
        #expect(took < .seconds(10))
    }

    @Test func `an order that stays reserved is answered at the end of the wait`() async throws {
        let (response, took) = try await get("wait=1")
        #expect(try response.json["state"] as? String == "reserved")
        #expect(took >= .seconds(1))
    }

    @Test(arguments: [nil, "wait=0", "respond-async", "wait=x"])
    func `who does not want to wait does not`(prefer: String?) async throws {
        let response = try await get(prefer).response
        #expect(try response.json["state"] as? String == "reserved")
        #expect(response.headers[.preferenceApplied] == (prefer == "wait=0" ? "wait=0" : nil))
        #expect(fixture.state.withLock { $0.looks } == 1)
    }

    @Test func `a decided order is answered at once, and says what was asked for`() async throws {
        decide()
        let (response, _) = try await get("wait=99")
        #expect(response.headers[.preferenceApplied] == "wait=25")
        #expect(fixture.state.withLock { $0.looks } == 1)
    }

    @Test func `a node that stops has nobody wait`() async throws {
        async let answer = get("wait=20")
        try await Task.sleep(for: .milliseconds(100))
        fixture.state.withLock { $0.isDraining = true }
        #expect(try await answer.took < .seconds(10))
    }

    @Test func `an order that is gone is told`() async throws {
        async let answer = get("wait=20")
        try await Task.sleep(for: .milliseconds(100))
        fixture.state.withLock { $0.reservations = [:] }
        try await answer.response.expectProblem(.unknownOrder)
    }
}
