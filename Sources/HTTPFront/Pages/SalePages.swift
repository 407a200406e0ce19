package import SaleCore
package import SaleService
import Synchronization

/// The pages of all sales. Written where the catalog is read, once per change and for all event
/// loops; whoever answers copies.
package final class SalePages: Sendable {
    private struct Inner {
        var pages: [String: SalePage] = [:]
        /// In the order of their ids.
        var sorted: [SalePage] = []
    }

    private let inner = Mutex(Inner())
    private let readers = Mutex<[@Sendable () -> Void]>([])

    package init() {}

    /// From now on `tell` is called after each change, by one caller at a time.
    func onChange(_ tell: @escaping @Sendable () -> Void) {
        readers.withLock { $0.append(tell) }
    }

    /// To be called by one caller at a time, with every sale that there is.
    package func update(_ sales: [SaleID: SaleSnapshot]) {
        let known = inner.withLock { $0.pages }
        var isChanged = known.count != sales.count
        var pages: [String: SalePage] = [:]
        pages.reserveCapacity(sales.count)
        for (id, snapshot) in sales {
            if let page = known[id.rawValue], page.snapshot === snapshot {
                pages[id.rawValue] = page
            } else {
                pages[id.rawValue] = SalePage(snapshot, after: known[id.rawValue])
                isChanged = true
            }
        }
        guard isChanged else { return }
        let sorted = pages.values.sorted { $0.id < $1.id }
        inner.withLock { $0 = Inner(pages: pages, sorted: sorted) }
        for tell in readers.withLock({ $0 }) { tell() }
    }

    func page(of sale: String) -> SalePage? { inner.withLock { $0.pages[sale] } }

    /// Every page, in the order of the sales' ids.
    var all: [SalePage] { inner.withLock { $0.sorted } }

    /// What a person is shown, those that are over last: a shop that has had many sales has one
    /// now.
    func foremost(at now: Timestamp) -> ArraySlice<(page: SalePage, phase: SalePhase)> {
        let all = all.map { (page: $0, phase: $0.phase(at: now)) }
        return (all.filter { $0.phase != .closed } + all.filter { $0.phase == .closed }).prefix(Self.foremostMax)
    }

    /// More than a person reads; the rest stands in the list of sales.
    private static let foremostMax = 100
}
