package import NIOCore
package import SaleCore
import SaleService

/// What a buyer asks for: `{"sku":"phone-x","quantity":1}`.
package struct PurchaseBody: Sendable, Equatable {
    package var sku: SKU
    /// Between 1 and `Limits.quantityMax`.
    package var quantity: Int

    package init(sku: SKU, quantity: Int) {
        self.sku = sku
        self.quantity = quantity
    }

    package static func parse(_ body: ByteBuffer) -> Result<PurchaseBody, BodyProblem> {
        parse(body.readableBytesSpan)
    }

    private static func parse(_ bytes: RawSpan) -> Result<PurchaseBody, BodyProblem> {
        var sku: SKU?
        var quantity: Int?
        var seenSKU = false
        var seenQuantity = false
        var violations: [Violation] = []
        func refuse(_ field: String, _ reason: String) {
            if violations.count < BodyProblem.violationsMax { violations.append(Violation(field: field, reason: reason)) }
        }
        do throws(JSONSyntaxError) {
            try FlatJSONReader.read(bytes) { name, value in
                switch name {
                case "sku":
                    seenSKU = true
                    if case .scalar(.string(let text)) = value { sku = SKU(text) }
                    if sku == nil { refuse("sku", Self.skuRule) }
                case "quantity":
                    seenQuantity = true
                    if case .scalar(.number(let number)) = value, let integer = number.integer, (1...Int64(Limits.quantityMax)).contains(integer) {
                        quantity = Int(integer)
                    } else {
                        refuse("quantity", Self.quantityRule)
                    }
                default:
                    refuse(BodyProblem.excerpt(name), "is not a member of a purchase")
                }
            }
        } catch {
            return .failure(BodyProblem(error))
        }
        if !seenSKU { refuse("sku", "is missing") }
        if !seenQuantity { refuse("quantity", "is missing") }
        guard violations.isEmpty, let sku, let quantity else { return .failure(.invalid(violations)) }
        return .success(PurchaseBody(sku: sku, quantity: quantity))
    }

    private static let skuRule = "must be a string of 1–64 of a-z 0-9 . _ -, beginning with a letter or digit"
    private static let quantityRule = "must be a whole number between 1 and \(Limits.quantityMax)"
}
