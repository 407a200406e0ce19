import Cryptography
import SaleCore

/// Speaks for the payment provider: events of payments, signed with the secret that the service
/// shares with it.
struct PaymentWriter: Sendable {
    private let key: HMACKey
    private let amount: Int64
    private let currency: String

    /// - Parameter amount: of one order, in minor units.
    init(secret: [UInt8], amount: Int64, currency: String) {
        key = HMACKey(secret)
        self.amount = amount
        self.currency = currency
    }

    /// The body of the one event about `order`, and the value of `Seckill-Signature`.
    ///
    /// - Parameter now: Unix seconds.
    func event(for order: OrderID, succeeds: Bool, now: Int) -> (body: String, signature: String) {
        let body =
            "{\"event_id\":\"load-\(order)\",\"order_id\":\"\(order)\",\"outcome\":\"\(succeeds ? "succeeded" : "failed")\","
            + "\"amount\":\(amount),\"currency\":\"\(currency)\"}"
        let code = key.code(of: "\(now).\(body)".utf8.span)
        let digits = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return (body, "t=\(now),v1=\(digits)")
    }
}
