import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SaleCore
import SaleService

/// Results of payments, from the payment provider.
struct PaymentRoutes {
    private let dependencies: PublicRoutes.Dependencies

    init(_ dependencies: PublicRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable func record(_ request: Request, _ context: FrontContext) async throws -> Response {
        guard request.hasJSON else { throw Problem(.unsupportedMediaType) }
        let body = try await request.body.collect(upTo: Limits.bodyBytesMax)
        let signatures = request.headers[values: .seckillSignature]
        guard
            let signature = dependencies.paymentSignature, signatures.count == 1,
            signature.isValid(signatures[0], body: body, now: dependencies.now())
        else {
            var problem = Problem(
                .unauthenticated, detail: "The event is not signed, or not with the secret of this service in the last five minutes.")
            problem.challenge = "Seckill-Signature realm=\"seckill\""
            throw problem
        }
        let event: PaymentEvent
        switch PaymentBody.parse(body) {
        case .success(let parsed): event = parsed
        case .failure(let bad): throw bad.problem
        }
        switch try await dependencies.actions.record(event) {
        case .recorded(let order, let isNews):
            if isNews {
                context.tell(LogMessage.paymentRecorded, of: order.id, [LogKey.paymentEvent: "\(event.id)", LogKey.state: "\(order.state.rawValue)"])
            }
            var body = ByteBuffer()
            OrderJSON.write(order, into: &body)
            return .personal(json: body)
        case .unknownOrder: throw Problem(.unknownOrder)
        case .otherEvent: throw Problem(.idempotencyMismatch, detail: "Another event was sent under this event_id.")
        case .wrongAmount(let due, let currency):
            let fields = [("amount", event.amount == due), ("currency", event.currency == currency)].filter { !$0.1 }.map(\.0)
            throw Problem(invalid: fields.map { Violation(field: $0, reason: "must be the order's: \(Money.both(due, currency))") })
        }
    }
}

extension Request {
    /// A body without a type is taken for JSON.
    fileprivate var hasJSON: Bool {
        guard headers[.contentEncoding] == nil else { return false }
        guard let type = headers[.contentType] else { return true }
        var essence = type.prefix { $0 != ";" }
        while essence.last == " " || essence.last == "\t" { essence.removeLast() }
        return String(essence).isEqualCaseInsensitively(to: "application/json")
    }
}
