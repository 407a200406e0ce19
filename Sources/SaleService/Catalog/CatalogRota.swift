import SaleCore

/// Which sales a look reads although nothing of ours changed them: what a hand in Redis deleted or
/// edited is found within a turn through all of them. A look reads few, however many there are.
struct CatalogRota {
    /// All that are not long over, sorted.
    private(set) var sales: [SaleID] = []
    private var next = 0
    /// The first item that the next look reads, of a sale that is too large for one look.
    private var item = 0

    mutating func add(_ id: SaleID) {
        let place = place(of: id)
        guard place == sales.count || sales[place] != id else { return }
        sales.insert(id, at: place)
        if place <= next { next += 1 }
    }

    mutating func remove(_ ids: Set<SaleID>) {
        let before = sales.prefix(next).count { ids.contains($0) }
        sales.removeAll { ids.contains($0) }
        next -= before
        item = 0
    }

    /// The next sales that may still sell; `nil` for all items of one.
    mutating func next(in snapshots: [SaleID: SaleSnapshot], at now: Timestamp) -> [(SaleID, [SKU]?)] {
        var turn: [(SaleID, [SKU]?)] = []
        var itemsLeft = Limits.lookItemsInTurnMax
        for _ in 0..<sales.count where turn.count < Limits.lookSalesInTurnMax && itemsLeft > 0 {
            if next >= sales.count { (next, item) = (0, 0) }
            let id = sales[next]
            guard let sale = snapshots[id]?.terms.sale, sale.status != .closed, now < sale.closesAt else {
                (next, item) = (next + 1, 0)
                continue
            }
            let page = sale.items.dropFirst(item).prefix(itemsLeft)
            itemsLeft -= max(page.count, 1)
            turn.append((id, page.count == sale.items.count ? nil : page.map(\.sku)))
            if page.endIndex >= sale.items.endIndex { (next, item) = (next + 1, 0) } else { item += page.count }
        }
        return turn
    }

    private func place(of id: SaleID) -> Int {
        var (low, high) = (0, sales.count)
        while low < high {
            let middle = (low + high) / 2
            if sales[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
