import Hummingbird
import NIOCore
import SaleCore
import SaleService

/// A login and a payment provider for trying things out: there is neither where buyers are real.
struct DemoRoutes {
    private let dependencies: PublicRoutes.Dependencies

    init(_ dependencies: PublicRoutes.Dependencies) {
        self.dependencies = dependencies
    }

    @Sendable func token(_ request: Request, _ context: FrontContext) throws -> Response {
        guard let makeToken = dependencies.storefront?.makeToken else { throw Problem(.notFound) }
        var body = ByteBuffer(string: "{\"token\":")
        body.writeJSONString(makeToken())
        body.writeInteger(UInt8(ascii: "}"))
        return .personal(json: body)
    }

    /// Pays for the caller's order as a provider would report it; one that does not await its
    /// payment stays as it is.
    @Sendable func pay(_ request: Request, _ context: FrontContext) async throws -> Response {
        guard dependencies.storefront?.makeToken != nil else { throw Problem(.notFound) }
        let user = try await dependencies.authenticator.user(of: request.headers, now: dependencies.now())
        guard let id = context.parameters.get("id").flatMap({ OrderID($0) }), var order = try await dependencies.orders.order(id), order.user == user
        else { throw Problem(.unknownOrder) }
        if order.state == .awaitingPayment, let event = PaymentEventID("demo-\(id)") {
            let payment = PaymentEvent(id: event, order: id, outcome: .succeeded, amount: order.amountDue, currency: order.currency)
            if case .recorded(let paid, _) = try await dependencies.actions.record(payment) { order = paid }
        }
        var body = ByteBuffer()
        OrderJSON.write(order, into: &body)
        return .personal(json: body)
    }
}
