import SaleCore

/// What a node knows of all sales between two looks: decides what the next look must read, and what
/// its answers change. Reads no clock and does no IO.
struct CatalogMemory {
    private(set) var sales: [SaleID: SaleSnapshot] = [:]
    /// Not known to be sound: read in full by every look until they are. Sales that are long over
    /// are none of them.
    private(set) var doubtful: Set<SaleID> = []
    /// Where Redis's record of changes was read to, on `run`.
    private(set) var position: ChangePosition?
    private var run: String?
    private var consistency: [SaleID: StockConsistency] = [:]
    private var forgotten: Set<SaleID> = []
    private var rota = CatalogRota()
    private var changed: Set<SaleID> = []
    private var removed: Set<SaleID> = []

    // MARK: What Postgres says

    mutating func told(_ news: SaleNews) {
        for sale in news.sales where sales[sale.id]?.sale != sale {
            let known = sales[sale.id]
            set(
                SaleSnapshot(
                    SaleTerms(sale), stock: known?.stock, soldOut: known?.soldOut ?? [], isProven: known?.isProven ?? false,
                    isLogEmpty: known?.isLogEmpty ?? false))
            forgotten.remove(sale.id)
            doubtful.insert(sale.id)
            rota.add(sale.id)
        }
        guard news.isWhole else { return }
        let gone = Set(sales.keys).subtracting(news.sales.map(\.id))
        for id in gone {
            sales[id] = nil
            consistency[id] = nil
        }
        doubtful.subtract(gone)
        forgotten.subtract(gone)
        rota.remove(gone)
        removed.formUnion(gone)
    }

    // MARK: What Redis says

    /// The Redis that answers; `nil` when none does, so that nothing is known of any sale.
    mutating func answers(run: String?) {
        guard run != self.run else { return }
        self.run = run
        position = nil
        doubtEverything()
        if run == nil { for id in sales.keys { unknown(id) } }
    }

    private mutating func doubtEverything() {
        doubtful = Set(sales.keys).subtracting(forgotten)
    }

    /// What is to be read: what is in doubt or suspected, what changed, and a few sales in turn, so
    /// that what no call of ours changed is found, too.
    mutating func questions(about changes: StockChanges, _ suspects: Set<SaleID>, at now: Timestamp) -> [StockQuestion] {
        guard run != nil else { return [] }
        position = changes.position
        if !changes.isComplete { doubtEverything() }
        doubtful.formUnion(suspects.filter { sales[$0] != nil && !forgotten.contains($0) })
        var parts: [SaleID: Set<SKU>] = [:]
        for (id, skus) in changes.items where sales[id] != nil && !forgotten.contains(id) {
            if let skus { parts[id] = skus } else { doubtful.insert(id) }
        }
        for (id, skus) in rota.next(in: sales, at: now) where !forgotten.contains(id) {
            if let skus { parts[id, default: []].formUnion(skus) } else { parts[id] = Set(sales[id]?.terms.items.keys.map { $0 } ?? []) }
        }
        var questions = doubtful.map { StockQuestion(sale: $0) }
        for (id, skus) in parts where !doubtful.contains(id) { questions.append(question(about: skus, of: id)) }
        return questions.sorted { $0.sale < $1.sale }
    }

    private func question(about skus: Set<SKU>, of id: SaleID) -> StockQuestion {
        guard let items = sales[id]?.terms.items, skus.count * 2 <= items.count else { return StockQuestion(sale: id) }
        return StockQuestion(sale: id, skus: skus.filter { items[$0] != nil }.sorted())
    }

    mutating func answered(_ question: StockQuestion, _ answer: Result<StockReading?, StoreError>) {
        guard let run, let known = sales[question.sale] else { return }
        guard case .success(let reading) = answer else { return unknown(question.sale) }
        let found = StockConsistency(of: reading, for: known.terms, run: run, skus: question.skus)
        consistency[known.id] = found
        if found == .sound { doubtful.remove(known.id) } else { doubtful.insert(known.id) }
        let isProven = found == .sound || found == .behind
        guard let reading else { return set(SaleSnapshot(known.terms, stock: nil, soldOut: [], isProven: false, isLogEmpty: false)) }
        let isLogEmpty = reading.logCount == 0
        guard let skus = question.skus, let stock = known.stock else {
            let soldOut = Set(reading.items.lazy.filter(\.value.isSoldOut).map(\.key))
            if reading.items != known.stock || isProven != known.isProven || isLogEmpty != known.isLogEmpty {
                set(SaleSnapshot(known.terms, stock: reading.items, soldOut: soldOut, isProven: isProven, isLogEmpty: isLogEmpty))
            }
            return
        }
        let moved = skus.filter { reading.items[$0] != stock[$0] }
        guard !moved.isEmpty || isProven != known.isProven || isLogEmpty != known.isLogEmpty else { return }
        var (items, soldOut) = (stock, known.soldOut)
        for sku in moved {
            items[sku] = reading.items[sku]
            if items[sku]?.isSoldOut == true { soldOut.insert(sku) } else { soldOut.remove(sku) }
        }
        set(SaleSnapshot(known.terms, stock: items, soldOut: soldOut, isProven: isProven, isLogEmpty: isLogEmpty))
    }

    private mutating func unknown(_ id: SaleID) {
        guard let known = sales[id] else { return }
        consistency[id] = .unknown
        if !forgotten.contains(id) { doubtful.insert(id) }
        guard known.isProven || known.stock != nil else { return }
        set(SaleSnapshot(known.terms, stock: nil, soldOut: [], isProven: false, isLogEmpty: false))
    }

    // MARK: What follows

    /// Lets go of sales that are long over, and tells which.
    mutating func forget(at now: Timestamp) -> [SaleSnapshot] {
        let over = rota.sales.compactMap { sales[$0] }.filter { $0.terms.sale.isForgotten(at: now) }
        guard !over.isEmpty else { return [] }
        let ids = Set(over.map(\.id))
        forgotten.formUnion(ids)
        doubtful.subtract(ids)
        rota.remove(ids)
        for id in ids { unknown(id) }
        return over
    }

    /// Those that are long over and still stand in `changes`.
    func forgotten(among changes: StockChanges) -> [SaleSnapshot] {
        changes.items.keys.filter { forgotten.contains($0) }.sorted().compactMap { sales[$0] }
    }

    /// Sales whose Redis side must be repaired, in the order of their ids.
    var unsound: UnsoundSales {
        var unsound = UnsoundSales()
        for id in doubtful.sorted() {
            switch consistency[id] {
            case .behind: unsound.behind.append(id)
            case .unproven: unsound.unproven.append(id)
            case .sound, .unknown, nil: break
            }
        }
        return unsound
    }

    /// Sales of which nothing is known but what Postgres says, so that it must be new.
    var unseen: [SaleID] { doubtful.filter { sales[$0]?.stock == nil }.sorted() }

    var unproven: [SaleID] { doubtful.filter { sales[$0]?.isProven == false }.sorted() }

    /// Sales whose numbers are proven.
    var provenCount: Int { rota.sales.count - doubtful.count { sales[$0]?.isProven == false } }

    /// What lanes must hear of since the last call, and of `suspects` in any case.
    mutating func takeChanges(and suspects: Set<SaleID>) -> (changed: [SaleSnapshot], removed: [SaleID]) {
        defer { (changed, removed) = ([], []) }
        return (changed.union(suspects).compactMap { sales[$0] }.sorted { $0.id < $1.id }, removed.sorted())
    }

    private mutating func set(_ snapshot: SaleSnapshot) {
        if !snapshot.isSameToLanes(as: sales.updateValue(snapshot, forKey: snapshot.id)) { changed.insert(snapshot.id) }
    }
}
