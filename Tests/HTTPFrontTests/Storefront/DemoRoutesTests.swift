import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import HTTPFront

@Suite struct DemoRoutesTests {
    private let count = Counter()
    private let fixture: RouteFixture

    private final class Counter: Sendable {
        let value = Mutex(0)
        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }

    init() {
        fixture = RouteFixture(storefront: Storefront { [count] in "buyer-\(count.next())" })
    }

    private func post(_ uri: String, as user: UserID = Sample.alice, of other: RouteFixture? = nil) async throws -> TestResponse {
        try await (other ?? fixture).test { try await $0.execute(uri: uri, method: .post, headers: .user(user)) }
    }

    @Test func `each buyer is another one`() async throws {
        let tokens = [try await post("/demo/token"), try await post("/demo/token")]
        #expect(try tokens.map { try $0.json["token"] as? String } == ["buyer-1", "buyer-2"])
        #expect(tokens.allSatisfy { $0.headers[.cacheControl] == "no-store" })
    }

    @Test func `where buyers are real, neither they nor payments are made up`() async throws {
        let real = RouteFixture(storefront: Storefront())
        try await post("/demo/token", of: real).expectProblem(.notFound)
        try await post("/demo/orders/\(Sample.orderID)/pay", of: real).expectProblem(.notFound)
        try await fixture.test { try await $0.execute(uri: "/demo/token", method: .get) }.expectProblem(.methodNotAllowed)
    }

    @Test func `a payment is of the buyer's own order, and of what it costs`() async throws {
        let paid = Sample.order(state: .paid)
        fixture.state.withLock { state in
            state.orders[Sample.orderID] = Sample.order()
            state.paymentOutcome = .recorded(paid)
        }
        let path = "/demo/orders/\(Sample.orderID)/pay"
        try await post(path, as: Sample.mallory).expectProblem(.unknownOrder)
        try await post("/demo/orders/none/pay").expectProblem(.unknownOrder)
        #expect(fixture.state.withLock(\.events).isEmpty)
        #expect(try await post(path).json["state"] as? String == "paid")
        let events = fixture.state.withLock(\.events)
        #expect(events.count == 1 && events.allSatisfy { $0.isFor(Sample.order()) && $0.outcome == .succeeded })
    }

    @Test(arguments: [OrderState.paid, .cancelled, .expired])
    func `an order that awaits no payment stays as it is`(state: OrderState) async throws {
        fixture.state.withLock { $0.orders[Sample.orderID] = Sample.order(state: state) }
        #expect(try await post("/demo/orders/\(Sample.orderID)/pay").json["state"] as? String == state.rawValue)
        #expect(fixture.state.withLock(\.events).isEmpty)
    }
}
