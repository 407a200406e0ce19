package import NIOCore
package import SaleCore

/// Proves that a payment event comes from the payment provider.
package protocol PaymentVerifier: Sendable {
    /// - Parameters:
    ///   - header: the only `Seckill-Signature` of the request.
    ///   - now: this service's clock.
    func isValid(_ header: String, body: ByteBuffer, now: Timestamp) -> Bool
}
