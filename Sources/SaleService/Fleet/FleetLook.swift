import SaleCore

/// Makes one frame after the other. What a store does not say this time stays as it was said the
/// last time.
struct FleetLook {
    private let directory: any NodeDirectory
    private let catalog: CatalogStore
    private let counts: FleetCounts
    private let runtime: Runtime
    private var pace = FleetPace()
    private var totals = FleetFigures(of: [])

    init(directory: any NodeDirectory, catalog: CatalogStore, ledger: any ItemCounting, runtime: Runtime) {
        self.directory = directory
        self.catalog = catalog
        counts = FleetCounts(ledger: ledger, runtime: runtime)
        self.runtime = runtime
    }

    /// `nil` until the catalog was read.
    ///
    /// - Parameter start: starts a task that may outlast the call: Postgres may take its time.
    mutating func frame(start: (@escaping @Sendable () async -> Void) -> Void) async -> FleetFrame? {
        guard let snapshot = catalog.snapshot else { return nil }
        let now = snapshot.clock.time(at: runtime.now())
        let shown = Self.shown(Array(snapshot.sales.values), at: now)
        let heartbeats = try? await directory.nodes()
        if let heartbeats { totals = FleetFigures(of: heartbeats) }
        let names = shown.flatMap { sale in sale.items.map { ItemName(sale: sale.snapshot.id, sku: $0.sku) } }
        let known = await counts.known(of: names, in: shown.map(\.snapshot.id), start: start)
        let readAt = runtime.now()
        // Of a Redis that does not answer, nobody knows which nodes live.
        let nodes = heartbeats ?? []
        return FleetFrame(
            at: now, nodes: pace.pace(of: nodes), totals: totals,
            sales: shown.map { sale($0.snapshot, $0.items, known, readAt: readAt, at: now, obeyedBy: nodes) },
            unitsAgeMilliseconds: known.units?.ageMilliseconds(at: readAt), paidAgeMilliseconds: known.ended?.ageMilliseconds(at: readAt))
    }

    private func sale(
        _ snapshot: SaleSnapshot, _ items: ArraySlice<SaleItem>, _ known: FleetCounts.Known, readAt: MonotonicInstant, at now: Timestamp,
        obeyedBy nodes: [NodeHeartbeat]
    ) -> FleetFrame.Sale {
        let sale = snapshot.sale
        let isOld = known.units.map { $0.askedAt.duration(to: readAt) > Limits.liveCountAgeMax.nanoseconds } ?? true
        return FleetFrame.Sale(
            id: sale.id, phase: sale.phase(at: now, isSoldOut: snapshot.isSoldOut), status: sale.status, version: sale.version,
            epoch: sale.epoch, isProven: snapshot.isProven,
            obeyedBy: Obedience(of: sale.id, revision: sale.revision, among: nodes).obeyedBy,
            items: items.map { item in
                let name = ItemName(sale: sale.id, sku: item.sku)
                let counted = known.units?.value[name] ?? ItemUnits(loaded: item.loaded, committed: item.committed)
                return FleetFrame.Item(
                    sku: item.sku, loaded: counted.loaded, committed: counted.committed, available: snapshot.stock?[item.sku]?.available,
                    ended: known.ended.map { $0.value[name] ?? EndedUnits() }, isCountOld: isOld)
            },
            itemsLeftOut: sale.items.count - items.count)
    }

    /// Sales that Redis has not forgotten, in the order of their names. Where there are too many
    /// items, those of sales that are not over come first, by the time at which they open.
    private static func shown(
        _ sales: [SaleSnapshot], at now: Timestamp
    ) -> [(snapshot: SaleSnapshot, items: ArraySlice<SaleItem>)] {
        func rank(_ snapshot: SaleSnapshot) -> (Int, Timestamp, SaleID) {
            (snapshot.sale.closesAt <= now || snapshot.sale.status == .closed ? 1 : 0, snapshot.sale.opensAt, snapshot.id)
        }
        var room = Limits.liveItemsMax
        let ranked = sales.filter { !$0.sale.isForgotten(at: now) }.sorted { rank($0) < rank($1) }.prefix(Limits.liveSalesMax)
        return ranked.map { snapshot in
            let items = snapshot.sale.items.prefix(room)
            room -= items.count
            return (snapshot, items)
        }
        .sorted { $0.snapshot.id < $1.snapshot.id }
    }
}
