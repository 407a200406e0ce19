package import SaleCore

/// How far Redis's books of a sale can be trusted.
enum Soundness: Equatable {
    /// Redis stands where Postgres stands.
    case sound
    /// Proven, but Redis has not heard of the newest change.
    case behind
    /// Missing, of another epoch, half rebuilt, or on a Redis that nobody proved.
    case unproven
    /// Redis did not answer, or the sale is long over.
    case unknown

    init(of reading: StockReading?, for sale: Sale, run: String) {
        guard let reading, reading.isProven, reading.epoch == sale.epoch, sale.provenRun == run else {
            self = .unproven
            return
        }
        let isUpToDate =
            reading.saleVersion >= sale.version
            && sale.items.allSatisfy { reading.items[$0.sku]?.loaded == $0.loaded }
        self = isUpToDate ? .sound : .behind
    }
}

extension Sale {
    /// Idempotency keys are promised for the life of the sale and 24 hours; after that, Redis need not hold it.
    package func isForgotten(at now: Timestamp) -> Bool {
        now >= closesAt.advanced(milliseconds: 86_400_000)
    }
}
