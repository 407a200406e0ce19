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

@Suite struct PaymentRoutesTests {
    private let fixture = RouteFixture()
    private static let event =
        "{\"event_id\":\"e-1\",\"order_id\":\"\(Sample.orderID)\",\"outcome\":\"succeeded\",\"amount\":799800,\"currency\":\"CNY\"}"

    private func post(_ body: String = event, headers: HTTPFields = [:], isSigned: Bool = true) async throws -> TestResponse {
        var headers = headers
        let buffer = ByteBuffer(string: body)
        if isSigned { headers[.seckillSignature] = RouteFixture.signature(of: body) }
        return try await fixture.test { [headers] in
            try await $0.execute(uri: "/v1/payments/events", method: .post, headers: headers, body: buffer)
        }
    }

    @Test func aSignedEventIsRecordedAndAnsweredWithTheOrder() async throws {
        fixture.state.withLock { $0.paymentOutcome = .recorded(Sample.order(state: .cancelled, refundDue: true)) }
        let response = try await post(headers: [.contentType: "application/json; charset=utf-8"])
        #expect(response.status == .ok)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(try response.json["refund_due"] as? Bool == true)
        let expected = PaymentEvent(
            id: PaymentEventID("e-1")!, order: Sample.orderID, outcome: .succeeded, amount: 799_800, currency: Currency("CNY")!)
        #expect(fixture.state.withLock { $0.events } == [expected])
        let line = [
            "message": "payment recorded", "order": "\(Sample.orderID)", "payment_event": "e-1", "state": "cancelled",
            "request_id": response.headers[.requestID] ?? "",
        ]
        #expect(fixture.lines.all == [line])
    }

    @Test func anEventThatIsNoNewsIsAnsweredAndHasNoLine() async throws {
        fixture.state.withLock { $0.paymentOutcome = .recorded(Sample.order(state: .paid), isNews: false) }
        #expect(try await post().status == .ok)
        #expect(fixture.lines.all.isEmpty)
    }

    @Test func anEventThatIsNotSignedChangesNothing() async throws {
        let response = try await post(isSigned: false)
        try response.expectProblem(.unauthenticated)
        #expect(response.headers[.wwwAuthenticate] == "Seckill-Signature realm=\"seckill\"")
        try await post(headers: [.seckillSignature: "t=1,v1=00"], isSigned: false).expectProblem(.unauthenticated)
        #expect(fixture.state.withLock { $0.events }.isEmpty)
    }

    @Test(arguments: [
        (PaymentOutcome.unknownOrder, ProblemCode.unknownOrder), (.otherEvent, .idempotencyMismatch),
        (.wrongAmount(due: 1, currency: Currency("CNY")!), .invalidRequest),
    ])
    func eachOutcomeHasItsAnswer(outcome: PaymentOutcome, code: ProblemCode) async throws {
        fixture.state.withLock { $0.paymentOutcome = outcome }
        try await post().expectProblem(code)
    }

    @Test(arguments: [
        ("event_id", "\"\""), ("event_id", "7"), ("order_id", "\"1\""), ("outcome", "\"refunded\""), ("amount", "-1"), ("amount", "1.5"),
        ("amount", "1e-1"), ("amount", "\"5\""), ("currency", "\"CN\""), ("currency", "\"CN1\""), ("currency", "\"人民币\""),
    ])
    func aMemberThatBreaksItsRuleIsNamed(member: String, value: String) async throws {
        var members = [
            "event_id": "\"e-1\"", "order_id": "\"\(Sample.orderID)\"", "outcome": "\"succeeded\"", "amount": "5", "currency": "\"CNY\"",
        ]
        members[member] = value
        let response = try await post("{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}")
        try response.expectProblem(.invalidRequest)
        #expect(String(buffer: response.body).contains("\"field\":\"\(member)\""))
        #expect(fixture.state.withLock { $0.events }.isEmpty)
    }

    /// Providers add members, write currencies in small letters, and have JSON writers that know no
    /// integers.
    @Test(arguments: [
        event.replacing("{", with: "{\"livemode\":true,\"data\":{\"object\":[1]},"), event.replacing("CNY", with: "cny"),
        event.replacing("CNY", with: "Cny"),
        event.replacing("799800", with: "799800.0"), event.replacing("799800", with: "7.998e5"),
    ])
    func whatProvidersWriteDifferentlyIsTheSameEvent(body: String) async throws {
        fixture.state.withLock { $0.paymentOutcome = .recorded(Sample.order(state: .paid)) }
        #expect(try await post(body).status == .ok)
        let expected = PaymentEvent(
            id: PaymentEventID("e-1")!, order: Sample.orderID, outcome: .succeeded, amount: 799_800, currency: Currency("CNY")!)
        #expect(fixture.state.withLock { $0.events } == [expected])
    }

    @Test(arguments: [
        (PaymentOutcome.wrongAmount(due: 1, currency: Currency("CNY")!), ["amount"]),
        (.wrongAmount(due: 799_800, currency: Currency("EUR")!), ["currency"]),
        (.wrongAmount(due: 1, currency: Currency("EUR")!), ["amount", "currency"]),
    ])
    func whatIsNotTheOrdersIsNamed(outcome: PaymentOutcome, fields: [String]) async throws {
        fixture.state.withLock { $0.paymentOutcome = outcome }
        let response = try await post()
        try response.expectProblem(.invalidRequest)
        #expect(String(buffer: response.body).matches(of: #/"field":"([a-z]+)"/#).map { String($0.1) } == fields)
        guard case .wrongAmount(let due, let currency) = outcome else { return }
        #expect(String(buffer: response.body).contains("must be the order's: \(Money.both(due, currency))"))
    }

    @Test func whatIsMissingIsNamed() async throws {
        let response = try await post("{}")
        try response.expectProblem(.invalidRequest)
        #expect(String(buffer: response.body).components(separatedBy: "is missing\"").count == 6)
    }

    @Test func otherBodiesAreRefused() async throws {
        try await post("{").expectProblem(.malformedRequest)
        try await post(headers: [.contentType: "text/plain"]).expectProblem(.unsupportedMediaType)
        try await post(String(repeating: " ", count: Limits.bodyBytesMax + 1)).expectProblem(.bodyTooLarge)
    }

    @Test func aStoreThatDoesNotAnswerIs503() async throws {
        fixture.state.withLock { $0.journalError = .unavailable(reason: "x") }
        try await post().expectProblem(.recovering)
    }
}

@Suite struct CancelRouteTests {
    private let fixture = RouteFixture()

    private func cancel(_ id: String = "\(Sample.orderID)", as user: UserID? = Sample.alice) async throws -> TestResponse {
        try await fixture.test {
            try await $0.execute(uri: "/v1/orders/\(id)/cancel", method: .post, headers: user.map { .user($0) } ?? [:])
        }
    }

    @Test func aCancelledOrderIsAnswered() async throws {
        fixture.state.withLock { $0.cancelOutcome = .cancelled(Sample.order(state: .cancelled)) }
        let response = try await cancel()
        #expect(response.status == .ok)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(try response.json["state"] as? String == "cancelled")
        #expect(
            fixture.lines.all == [["message": "order cancelled", "order": "\(Sample.orderID)", "request_id": response.headers[.requestID] ?? ""]])
    }

    @Test func aSecondCancellationIsAnsweredAndHasNoLine() async throws {
        fixture.state.withLock { $0.cancelOutcome = .cancelled(Sample.order(state: .cancelled), isNews: false) }
        #expect(try await cancel().status == .ok)
        #expect(fixture.lines.all.isEmpty)
    }

    @Test(arguments: [OrderState.paid, .expired, .rejected])
    func whatCannotBeCancelledSaysSo(state: OrderState) async throws {
        fixture.state.withLock { $0.cancelOutcome = .notCancellable(Sample.order(state: state)) }
        let response = try await cancel()
        try response.expectProblem(.notCancellable)
        #expect(String(buffer: response.body).contains("The order is \(state.rawValue)."))
        #expect(fixture.lines.all.isEmpty)
    }

    @Test func whatIsNotTheirsLooksLikeNone() async throws {
        try await cancel().expectProblem(.unknownOrder)
        try await cancel("1").expectProblem(.unknownOrder)
    }

    @Test func nobodyIs401() async throws {
        try await cancel(as: nil).expectProblem(.unauthenticated)
    }

    @Test func onlyPostCancels() async throws {
        let response = try await fixture.test {
            try await $0.execute(uri: "/v1/orders/\(Sample.orderID)/cancel", method: .get, headers: .user(Sample.alice))
        }
        try response.expectProblem(.methodNotAllowed)
        #expect(response.headers[.allow] == "POST")
    }
}
