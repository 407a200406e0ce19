package import SaleCore

/// How far Redis's books of a sale can be trusted.
enum StockConsistency: Equatable {
    /// Redis stands where Postgres stands.
    case sound
    /// Proven, but Redis has not heard of the newest change.
    case behind
    /// Missing, of another epoch, half rebuilt, or on a Redis that nobody proved.
    case unproven
    /// Redis did not answer, or the sale is long over.
    case unknown

    init(of reading: StockReading?, for sale: Sale, run: String) {
        self.init(of: reading, for: sale, run: run) { reading in
            sale.items.allSatisfy { reading.items[$0.sku]?.loaded == $0.loaded }
        }
    }

    /// - Parameter skus: those that were read; `nil` for all.
    init(of reading: StockReading?, for terms: SaleTerms, run: String, skus: [SKU]?) {
        guard let skus else {
            self.init(of: reading, for: terms.sale, run: run)
            return
        }
        self.init(of: reading, for: terms.sale, run: run) { reading in
            skus.allSatisfy { reading.items[$0]?.loaded == terms.items[$0]?.loaded }
        }
    }

    private init(of reading: StockReading?, for sale: Sale, run: String, _ holdsWhatIsLoaded: (StockReading) -> Bool) {
        guard let reading, reading.isProven, reading.epoch == sale.epoch, sale.provenRun == run else {
            self = .unproven
            return
        }
        self = reading.saleVersion >= sale.version && holdsWhatIsLoaded(reading) ? .sound : .behind
    }
}

extension Sale {
    /// Idempotency keys are promised for the life of the sale and 24 hours; after that, Redis need
    /// not hold it.
    package func isForgotten(at now: Timestamp) -> Bool {
        now >= closesAt.advanced(milliseconds: 86_400_000)
    }
}
