import Cryptography
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SaleCore
import SaleService
import Synchronization
import Testing

@testable import HTTPFront
@testable import Signatures

/// The public routes over orders, reservations and sales that a test puts there.
final class RouteFixture: OrderReader, OrderActing {
    struct State {
        var orders: [OrderID: Order] = [:]
        var reservations: [OrderID: Order] = [:]
        var journalError: JournalError?
        var lookupError: StoreError?
        /// Committed, as it were, between the look into Postgres and the look into the
        /// reservations.
        var committedDuringLookup: Order?
        var checks: [ReadinessCheck] = []
        /// How often an order was looked for.
        var looks = 0
        var isDraining = false
        var cancelOutcome = CancelOutcome.unknownOrder
        var paymentOutcome = PaymentOutcome.unknownOrder
        var events: [PaymentEvent] = []
    }

    private static let paymentSecret = Array("0123456789abcdef0123456789abcdef".utf8)

    /// The value of `Seckill-Signature` for `body`, signed now.
    static func signature(of body: String) -> String {
        let seconds = Sample.now.milliseconds / 1_000
        let code = HMACKey(paymentSecret).code(of: "\(seconds).\(body)".utf8.span)
        return "t=\(seconds),v1=\(code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())"
    }

    func cancel(_ order: OrderID, by user: UserID) async throws -> CancelOutcome {
        let (error, outcome) = state.withLock { ($0.journalError, $0.cancelOutcome) }
        if let error { throw error }
        return outcome
    }

    func record(_ event: PaymentEvent) async throws -> PaymentOutcome {
        let (error, outcome) = state.withLock { state in
            state.events.append(event)
            return (state.journalError, state.paymentOutcome)
        }
        if let error { throw error }
        return outcome
    }

    let state = Mutex(State())
    let pages = SalePages()
    let lines = KeptLines()
    private let orderLimiter: RateLimiter?
    private let storefront: Storefront?

    init(orderLimit: RateLimit? = nil, storefront: Storefront? = nil) {
        self.storefront = storefront
        orderLimiter = orderLimit.map { RateLimiter(limit: $0, entriesMax: 64) }
    }

    /// From now on these are all sales.
    func show(_ sales: SaleSnapshot...) { pages.update(Dictionary(uniqueKeysWithValues: sales.map { ($0.id, $0) })) }

    func order(_ id: OrderID) async throws(JournalError) -> Order? {
        let (error, order) = state.withLock { state in
            state.looks += 1
            return (state.journalError, state.orders[id])
        }
        if let error { throw error }
        return order
    }

    func verdict(on id: OrderID) async throws(JournalError) -> CommitVerdict? {
        try await order(id).map { $0.state == .rejected ? .rejected(.noUnits) : .committed($0) }
    }

    func orders(of user: UserID, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order] {
        let (error, orders) = state.withLock { ($0.journalError, $0.orders) }
        if let error { throw error }
        let older = orders.values.filter { order in order.user == user && cursor.map { order.id < $0 } ?? true }
        return Array(older.sorted { $0.id > $1.id }.prefix(countMax))
    }

    func ping() async -> JournalError? { nil }

    func test<Value: Sendable>(
        authenticator: Authenticator = .trustedHeader, now: Timestamp = Sample.now,
        _ body: @Sendable (RouterClient) async throws -> Value
    ) async throws -> Value {
        let router = PublicRoutes.router(
            PublicRoutes.Dependencies(
                authenticator: authenticator, orders: self,
                lookupReservation: { id in
                    let (error, order) = self.state.withLock { state in
                        if let committed = state.committedDuringLookup { state.orders[committed.id] = committed }
                        return (state.lookupError, state.reservations[id])
                    }
                    if let error { throw error }
                    return order
                },
                actions: self, orderLimiter: orderLimiter, paymentSignature: try PaymentSignature(secretFileBytes: Self.paymentSecret), pages: pages,
                storefront: storefront,
                readiness: { self.state.withLock { $0.checks } }, now: { now }, isDraining: { self.state.withLock { $0.isDraining } }))
        return try await body(RouterClient(router, logger: lines.logger))
    }
}

extension HTTPFields {
    static func user(_ user: UserID) -> HTTPFields { [Authenticator.userHeader: user.rawValue] }
}

extension TestResponse {
    var json: [String: Any] {
        get throws { try #require(try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]) }
    }

    /// Checks that this is a problem, whole and fit to be sent to a client.
    func expectProblem(_ code: ProblemCode, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(status.code == code.status, sourceLocation: sourceLocation)
        #expect(headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
        #expect(headers[.cacheControl] == "no-store", sourceLocation: sourceLocation)
        let object = try json
        #expect(object["code"] as? String == code.rawValue, sourceLocation: sourceLocation)
        #expect(object["request_id"] as? String == headers[.requestID], sourceLocation: sourceLocation)
        #expect(headers[.requestID]?.count == 16, sourceLocation: sourceLocation)
        if code.status == 503 || code.status == 429 {
            #expect(headers[.retryAfter].flatMap { Int($0) } != nil, sourceLocation: sourceLocation)
        }
    }
}
