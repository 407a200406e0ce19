import SaleCore
import SaleService

/// The sale `live` as tests of streams change it.
enum StreamSample {
    static let id = SaleID("live")!

    /// - Parameters:
    ///   - units: of its items; what Redis says.
    ///   - opens: milliseconds from `now`, as `closes`.
    static func snapshot(
        _ units: [String: Int64] = ["a": 1, "b": 2, "c": 3], title: String = "Live", status: SaleStatus = .open, opens: Int64 = -1_000,
        closes: Int64 = 3_600_000, committed: Int64 = 0, epoch: Epoch = 41, now: Timestamp = GrantingLane.now
    ) -> SaleSnapshot {
        let items = units.keys.sorted().map {
            SaleItem(
                sku: SKU($0)!, title: "Item \($0)", unitPrice: 100, currency: Currency("CNY")!, loaded: 1_000, committed: committed, limitPerUser: 1,
                version: 1)
        }
        let sale = Sale(
            id: id, title: title, status: status, opensAt: now.advanced(milliseconds: opens), closesAt: now.advanced(milliseconds: closes),
            payWithinMilliseconds: 900_000, version: 1, epoch: epoch, provenRun: GrantingLane.name, items: items)
        let stock = Dictionary(
            uniqueKeysWithValues: units.map { (SKU($0)!, StockReading.Item(available: $1, loaded: 1_000, stockVersion: 1, lastMove: 0)) })
        return SaleSnapshot(sale: sale, stock: stock, isProven: true)
    }
}
