import Foundation
import LoadClient
import LoadSupport

/// What the service shows of an SKU on sale.
struct ItemReading: Sendable, Decodable, Equatable {
    var sku: String
    var unitPrice: Int64
    var currency: String
    var stock: Int64
    var available: Int64
    var limitPerUser: Int64

    private struct SaleReading: Decodable {
        var items: [ItemReading]
    }

    static func read(_ target: Target, sale: String, sku: String) async throws(GetError) -> ItemReading {
        let text = try await HTTPGet.text(target, path: "/v1/sales/\(sale)")
        guard let reading = try? ReportJSON.decode(SaleReading.self, from: Data(text.utf8)) else {
            throw GetError(description: "the sale \(sale) is answered as something else")
        }
        guard let item = reading.items.first(where: { $0.sku == sku }) else { throw GetError(description: "sale \(sale) has no SKU \(sku)") }
        return item
    }
}
