import SaleCore
import Synchronization

/// The sales whose reservation log was not empty when somebody looked: all that the sweep need
/// visit.
final class FilledLogs: Sendable {
    private let sales = Mutex<Set<SaleID>>([])

    init() {}

    func insert(_ sale: SaleID) {
        sales.withLock { _ = $0.insert(sale) }
    }

    /// In the order of their ids. Whoever takes them puts back those whose log is not empty yet;
    /// what a look finds meanwhile is not lost.
    func takeAll() -> [SaleID] {
        sales.withLock { sales in
            defer { sales = [] }
            return sales.sorted()
        }
    }
}
