import SaleCore

/// Judged orders that still stand in the reservation log, because nothing is lost if they stand
/// there a moment longer, and a command of their own would wake Redis for nothing else. They go out
/// in front of the next batch.
package struct KeptSettlements {
    private var committed: [SaleID: [OrderID]] = [:]
    /// Orders of all sales.
    package private(set) var count = 0

    package init() {}

    /// - Returns: what must go out now: everything, when this settlement gives units or keys back,
    ///   for which buyers wait, or when there is no more room.
    package mutating func add(_ settlement: Settlement) -> [Settlement] {
        if !settlement.committed.isEmpty {
            committed[settlement.sale, default: []].append(contentsOf: settlement.committed)
            count += settlement.committed.count
        }
        var due: [Settlement] = []
        if !settlement.released.isEmpty || count >= Limits.settledOrdersKeptMax { due = takeAll() }
        if !settlement.released.isEmpty { due.append(Settlement(sale: settlement.sale, released: settlement.released)) }
        return due
    }

    package mutating func takeAll() -> [Settlement] {
        defer { self = KeptSettlements() }
        return committed.map { Settlement(sale: $0.key, committed: $0.value) }
    }
}
