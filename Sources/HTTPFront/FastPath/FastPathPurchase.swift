import NIOCore
import SaleCore
import SaleService

/// A purchase read straight from its bytes.
///
/// Holds the bytes and where its parts lie in them, so that a purchase that is refused from memory
/// costs no `String`.
struct FastPathPurchase {
    /// Offsets from the start of the request.
    struct Span {
        var start: UInt16 = 0
        var count: UInt16 = 0

        var isPresent: Bool { start != 0 }
        var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    }

    /// The whole request, from the first byte of its head to the last of its body.
    let bytes: ByteBuffer
    let sale: Span
    /// The value of `X-User-Id`, or the bearer token.
    let credential: Span
    let key: Span
    let forwardedFor: Span
    let requestID: Span
    let trace: Span
    let prefer: Span
    let sku: Span
    let body: Span
    let quantity: Int
    let origin: Span
    /// Only browsers send some of its headers.
    let isFromBrowser: Bool

    var hasKey: Bool { key.isPresent }

    /// - Parameter span: of `bytes`.
    func text(_ span: Span) -> String {
        bytes.readableBytesSpan.extracting(span.range).text
    }

    /// What the buyer asks for. Where the domain does not take what `FastPathReader` took, the
    /// ordinary readers say so.
    func terms() throws(Problem) -> PurchaseTerms {
        let preference = Preference(headerValues: prefer.isPresent ? [text(prefer)] : [])
        let key = hasKey ? IdempotencyKey(headerValue: text(key)) : nil
        guard let sku = SKU(text(sku)), hasKey == (key != nil) else {
            return try PurchaseTerms(
                keys: hasKey ? [text(self.key)] : [],
                body: bytes.getSlice(at: bytes.readerIndex + Int(body.start), length: Int(body.count)) ?? ByteBuffer(),
                preference: preference)
        }
        return PurchaseTerms(sku: sku, quantity: quantity, key: key, preference: preference)
    }
}
