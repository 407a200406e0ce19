import Foundation
import HTTPFront
import SaleCore
import SaleService

/// The catalog as the public routes show it.
struct CatalogDirectory: SaleDirectory {
    let catalog: CatalogStore

    func sales() -> [SaleView] {
        (catalog.snapshot?.sales.values.map(SaleView.init) ?? []).sorted { $0.sale.id < $1.sale.id }
    }

    func sale(_ id: SaleID) -> SaleView? {
        catalog.snapshot?.sales[id].map(SaleView.init)
    }
}

extension SaleView {
    fileprivate init(_ snapshot: SaleSnapshot) {
        self.init(sale: snapshot.sale, available: snapshot.stock?.mapValues(\.available) ?? [:])
    }
}

extension CatalogStore {
    /// Redis's clock, estimated; the node's own until there was a reading.
    var now: Timestamp { snapshot?.clock.time(at: monotonicNow()) ?? .wallClock }
}

extension Timestamp {
    static var wallClock: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
