import Logging
import SaleCore
import Synchronization

/// Says what stands in the way of sales: one line for all that the same thing befell at once, and
/// none again while it lasts.
final class TroubleLog: Sendable {
    private let message: Logger.Message
    private let logger: Logger
    private let told = Mutex<[SaleID: String]>([:])

    init(_ message: Logger.Message, logger: Logger) {
        self.message = message
        self.logger = logger
    }

    /// - Parameter outcomes: what came of the sales that were tried. A success ends a sale's
    ///   trouble.
    func note(_ outcomes: [(sale: SaleID, outcome: Result<Void, any Error>)]) {
        var fresh: [(kind: String, error: any Error, sales: [SaleID])] = []
        told.withLock { told in
            for (sale, outcome) in outcomes {
                guard case .failure(let error) = outcome else {
                    told[sale] = nil
                    continue
                }
                let kind = Self.kind(of: error)
                guard told.updateValue(kind, forKey: sale) != kind else { continue }
                if let index = fresh.firstIndex(where: { $0.kind == kind }) {
                    fresh[index].sales.append(sale)
                } else {
                    fresh.append((kind, error, [sale]))
                }
            }
        }
        for (_, error, sales) in fresh {
            logger.error(
                message, metadata: [LogKey.sale: "\(sales[0])", LogKey.count: "\(sales.count)", LogKey.error: "\(error)"])
        }
    }

    /// Redis begins an error with a word for its kind; what follows may differ from sale to sale.
    private static func kind(of error: any Error) -> String {
        guard case StoreError.refused(let reason) = error, let word = reason.split(separator: " ").first, word != "ERR" else { return "\(error)" }
        return String(word)
    }
}
