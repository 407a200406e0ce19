import NIOCore
import SaleCore
import SaleService

/// A purchase read straight from its bytes.
///
/// Holds the bytes and where its parts lie in them, so that a purchase that is refused from memory costs no `String`.
struct ExpressPurchase {
    /// Offsets from the start of the request.
    struct Span {
        var start: UInt16 = 0
        var count: UInt16 = 0

        var isPresent: Bool { start != 0 }
    }

    /// The whole request, from the first byte of its head to the last of its body.
    let bytes: ByteBuffer
    let sale: Span
    /// The value of `X-User-Id`, or the bearer token.
    let credential: Span
    let key: Span
    let forwardedFor: Span
    let prefer: Span
    let sku: Span
    let quantity: Int

    var hasKey: Bool { key.isPresent }

    /// - Parameter span: of `bytes`.
    func text(_ span: Span) -> String {
        bytes.withUnsafeReadableBytes { all in
            String(decoding: all[Int(span.start)..<Int(span.start) + Int(span.count)], as: UTF8.self)
        }
    }

    /// What the buyer asks for. The grammar of `ExpressReader` leaves nothing that could be wrong with it.
    var terms: PurchaseTerms {
        guard let sku = SKU(text(sku)) else { fatalError("a name that the reader took is no SKU: \(text(sku))") }
        let preference = Preference(headerValues: prefer.isPresent ? [text(prefer)] : [])
        return PurchaseTerms(
            sku: sku, quantity: quantity, key: hasKey ? IdempotencyKey(headerValue: text(key)) : nil, preference: preference)
    }
}
