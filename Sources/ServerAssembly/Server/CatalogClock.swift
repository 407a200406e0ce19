import Foundation
import SaleCore
import SaleService

extension CatalogStore {
    /// Redis's clock, estimated; the node's own until there was a reading.
    var now: Timestamp { snapshot?.clock.time(at: monotonicNow()) ?? .wallClock }
}

extension Timestamp {
    static var wallClock: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
