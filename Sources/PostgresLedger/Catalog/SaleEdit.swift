import SaleCore
import SaleService

/// Makes an operator's changes on a sale as it was read under lock, and gathers what must be
/// written. Does no IO.
struct SaleEdit {
    let id: SaleID
    /// As it is after the changes so far; `nil` before it is created.
    private(set) var sale: Sale?
    private(set) var isCreated = false
    private(set) var addedItems: Set<SKU> = []
    private(set) var changedItems: Set<SKU> = []
    /// Items whose limit goes above 1, so that their users may have to be counted from now on.
    private(set) var countedItems: Set<SKU> = []
    /// By how much `loaded` moved, in the order of the changes.
    private(set) var loads: [(sku: SKU, units: Int64)] = []
    /// A version grows once, however many changes there are: the sale's with any of them, an item's
    /// with those that Redis must hear of.
    private var isVersioned = false
    private var versioned: Set<SKU> = []
    private var positions: [SKU: Int]

    init(of id: SaleID, from sale: Sale?) {
        self.id = id
        self.sale = sale
        self.positions = Dictionary(uniqueKeysWithValues: (sale?.items ?? []).enumerated().map { ($1.sku, $0) })
    }

    mutating func make(_ change: SaleChange) throws(LedgerChangeError) {
        try apply(change)
        guard !isVersioned else { return }
        isVersioned = true
        sale?.version += 1
    }

    private mutating func apply(_ change: SaleChange) throws(LedgerChangeError) {
        switch change {
        case .create(let title, let opensAt, let closesAt, let payWithin):
            guard sale == nil else { throw .conflict("sale \(id) exists already") }
            isCreated = true
            isVersioned = true
            sale = Sale(
                id: id, title: title, status: .open, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: payWithin, version: 1,
                epoch: 0, provenRun: "", items: [])
        case .setTitle(let from, let to): try set(\.title, "title", from, to)
        case .setOpensAt(let from, let to): try set(\.opensAt, "opens_at", from, to)
        case .setClosesAt(let from, let to): try set(\.closesAt, "closes_at", from, to)
        case .setPayWithin(let from, let to): try set(\.payWithinMilliseconds, "pay_within", from, to)
        case .setStatus(let from, let to):
            if try current().status == .closed { throw .conflict("sale \(id) is closed, and closed is final") }
            try set(\.status, "status", from, to)
        case .addItem(let sku, let title, let unitPrice, let currency, let stock, let limitPerUser):
            let item = SaleItem(
                sku: sku, title: title, unitPrice: unitPrice, currency: currency, loaded: stock, committed: 0, limitPerUser: limitPerUser,
                version: 1)
            try add(item)
        case .setItemTitle(let sku, let from, let to): try set(\.title, of: sku, "title", from, to, growsVersion: false)
        case .setPrice(let sku, let from, let fromCurrency, let to, let toCurrency):
            try set(\.unitPrice, of: sku, "unit_price", from, to, growsVersion: false)
            try set(\.currency, of: sku, "currency", fromCurrency, toCurrency, growsVersion: false)
        case .setLimitPerUser(let sku, let from, let to):
            try set(\.limitPerUser, of: sku, "limit_per_user", from, to, growsVersion: true)
            if change.mayChangeGuard { countedItems.insert(sku) }
        case .moveStock(let sku, let from, let to): try moveStock(sku, from, to)
        }
    }

    /// To be called after the last change: rules that hold between fields.
    func validate() throws(LedgerChangeError) {
        let sale = try current()
        guard sale.opensAt < sale.closesAt else {
            throw .conflict("sale \(id) would close at \(sale.closesAt), not after it opens at \(sale.opensAt)")
        }
    }

    private func current() throws(LedgerChangeError) -> Sale {
        guard let sale else { throw .notFound("no sale \(id)") }
        return sale
    }

    private func index(of sku: SKU) throws(LedgerChangeError) -> Int {
        _ = try current()
        guard let position = positions[sku] else { throw .notFound("no item \(sku) in sale \(id)") }
        return position
    }

    private mutating func add(_ item: SaleItem) throws(LedgerChangeError) {
        let position = try current().items.count
        guard positions.updateValue(position, forKey: item.sku) == nil else { throw .conflict("item \(item.sku) exists already in sale \(id)") }
        sale?.items.append(item)
        addedItems.insert(item.sku)
        versioned.insert(item.sku)
        if item.loaded != 0 { loads.append((item.sku, item.loaded)) }
    }

    private mutating func moveStock(_ sku: SKU, _ from: Int64, _ to: Int64) throws(LedgerChangeError) {
        let committed = try current().items[index(of: sku)].committed
        if to < committed { throw .conflict("\(sku): stock cannot be \(to), \(committed) units are committed") }
        try set(\.loaded, of: sku, "stock", from, to, growsVersion: true)
        if from != to { loads.append((sku, to - from)) }
    }

    private mutating func set<Value: Equatable>(
        _ field: WritableKeyPath<Sale, Value>, _ name: String, _ from: Value, _ to: Value
    ) throws(LedgerChangeError) {
        let now = try current()[keyPath: field]
        guard now == from else { throw .conflict("\(name) of sale \(id) is \(now), not \(from): it was changed meanwhile") }
        sale?[keyPath: field] = to
    }

    private mutating func set<Value: Equatable>(
        _ field: WritableKeyPath<SaleItem, Value>, of sku: SKU, _ name: String, _ from: Value, _ to: Value, growsVersion: Bool
    ) throws(LedgerChangeError) {
        let index = try index(of: sku)
        guard let now = sale?.items[index][keyPath: field], now == from else {
            throw .conflict("\(name) of \(sku) in sale \(id) is not \(from): it was changed meanwhile")
        }
        sale?.items[index][keyPath: field] = to
        if !addedItems.contains(sku) { changedItems.insert(sku) }
        if growsVersion, versioned.insert(sku).inserted { sale?.items[index].version += 1 }
    }
}
