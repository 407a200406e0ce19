package import Logging
package import SaleCore

/// What operators do with sales.
///
/// Every change is worked out from the sale as it is under the sale's lock, so that two operators
/// never overwrite each other, and is made in Postgres first and then told to Redis. Only units
/// that are taken off sale go the other way round: Redis, which grants them, must give them up
/// before Postgres forgets them.
package struct SaleOperations: Sendable {
    let ledger: any OperatorLedger
    let store: any StockStore
    let runtime: Runtime
    let rebuild: SaleRebuild

    package init(ledger: any OperatorLedger, store: any StockStore, journal: any OrderJournal, logger: Logger, runtime: Runtime = .system) {
        self.ledger = ledger
        self.store = store
        self.runtime = runtime
        self.rebuild = SaleRebuild(ledger: ledger, store: store, journal: journal, logger: logger, runtime: runtime)
    }

    /// Creates the sale or changes it to what `definition` says. Items that it does not name stay.
    ///
    /// - Parameters:
    ///   - stock: what becomes of the stock of items that exist.
    ///   - dryRun: only say what would change.
    /// - Returns: the differences, made or to be made, and what was left alone; empty when the sale
    ///   already is so.
    package func apply(
        _ definition: SaleDefinition, stock: StockPolicy, if precondition: SalePrecondition = .any, dryRun: Bool, by attribution: Attribution
    ) async throws(OperatorCommandError) -> SaleDifference {
        let violations = definition.violations
        guard violations.isEmpty, let id = SaleID(definition.sale) else { throw .invalid(violations) }
        return try await change(id, if: precondition, dryRun: dryRun, by: attribution) { sale in definition.difference(from: sale, stock: stock) }
    }

    /// Adds items to a sale or changes those that it has. Items that are not named stay.
    package func load(
        _ items: [SaleDefinition.Item], into sale: SaleID, dryRun: Bool, by attribution: Attribution
    ) async throws(OperatorCommandError) -> [SaleChange] {
        let violations = SaleDefinition.violations(of: items)
        guard violations.isEmpty else { throw .invalid(violations) }
        return try await change(sale, dryRun: dryRun, by: attribution) { current in
            SaleDifference(changes: SaleDefinition.changes(of: items, from: try existing(sale, current).items))
        }
        .changes
    }

    /// Puts `units` more on sale; a negative number takes units off sale that nobody has been
    /// granted.
    package func addStock(
        _ units: Int64, of sku: SKU, in sale: SaleID, if precondition: SalePrecondition = .any, dryRun: Bool, by attribution: Attribution
    ) async throws(OperatorCommandError) -> [SaleChange] {
        try await change(sale, if: precondition, dryRun: dryRun, by: attribution) { current in
            let current = try existing(sale, current)
            guard let item = current.items.first(where: { $0.sku == sku }) else { throw OperatorCommandError.unknownItem(sku, of: current) }
            let (loaded, overflow) = item.loaded.addingReportingOverflow(units)
            guard !overflow, loaded <= SaleDefinition.stockMax else {
                throw OperatorCommandError.conflict(
                    "\(sku): \(item.loaded) and \(units) more are above the \(SaleDefinition.stockMax) that a stock may be")
            }
            return SaleDifference(changes: units == 0 ? [] : [.moveStock(sku, from: item.loaded, to: loaded)])
        }
        .changes
    }

    /// Pauses, resumes or closes a sale. A closed sale stays closed.
    package func setStatus(
        _ status: SaleStatus, of sale: SaleID, if precondition: SalePrecondition = .any, dryRun: Bool, by attribution: Attribution
    ) async throws(OperatorCommandError) -> [SaleChange] {
        try await change(sale, if: precondition, dryRun: dryRun, by: attribution) { current in
            let current = try existing(sale, current)
            return SaleDifference(changes: current.status == status ? [] : [.setStatus(from: current.status, to: status)])
        }
        .changes
    }

    // MARK: -

    func change(
        _ id: SaleID, if precondition: SalePrecondition = .any, dryRun: Bool, by attribution: Attribution,
        _ difference: @Sendable (Sale?) throws -> SaleDifference
    ) async throws(OperatorCommandError) -> SaleDifference {
        do {
            if dryRun {
                let sale = try await ledger.sale(id)
                try precondition.require(id, sale)
                let wanted = try difference(sale)
                try await requirePossible(wanted.changes, of: sale, id)
                return wanted
            }
            return try await ledger.withLock(on: id) {
                let sale = try await ledger.sale(id)
                try precondition.require(id, sale)
                let wanted = try difference(sale)
                let changes = wanted.changes
                try await requirePossible(changes, of: sale, id)
                if let sale { try await takeOffSale(changes, of: sale) }
                if !changes.isEmpty { try await make(changes, to: id, by: attribution) }
                try await tellRedis(id, hasChanged: !changes.isEmpty)
                return wanted
            }
        } catch {
            throw OperatorCommandError(error)
        }
    }

    /// Every item costs a fixed share of each look at Redis, whoever sells.
    private func requireRoom(for changes: [SaleChange], in sale: Sale?, _ id: SaleID) async throws {
        let added = changes.count { if case .addItem = $0 { true } else { false } }
        let items = (sale?.items.count ?? 0) + added
        guard items <= SaleDefinition.itemsMax else {
            throw OperatorCommandError.conflict("sale \(id) would have \(items) items; a sale has at most \(SaleDefinition.itemsMax)")
        }
        guard added > 0 else { return }
        let open = try await ledger.openItems(besides: id) + Int64(items)
        guard open <= Limits.openItemsMax else { throw LedgerChangeError.tooManyItems(open: open) }
    }

    private func requirePossible(_ changes: [SaleChange], of sale: Sale?, _ id: SaleID) async throws {
        try requirePayable(changes)
        try await requireRoom(for: changes, in: sale, id)
        guard let sale, !changes.isEmpty else { return }
        if sale.status == .closed { throw OperatorCommandError.conflict("sale \(sale.id) is closed for good") }
        for case .moveStock(let sku, _, let to) in changes {
            guard let item = sale.items.first(where: { $0.sku == sku }), to < item.committed else { continue }
            let held = item.committed == 1 ? "1 unit is" : "\(item.committed) units are"
            throw OperatorCommandError.conflict(
                "\(sku): stock cannot become \(to), for \(held) in live orders; at most \(item.loaded - item.committed) can be taken off")
        }
    }

    /// What was put on sale in an older currency stays there; nothing new is.
    private func requirePayable(_ changes: [SaleChange]) throws(OperatorCommandError) {
        let violations = changes.compactMap { change -> Violation? in
            let (sku, currency): (SKU, Currency)
            switch change {
            case .addItem(let added, _, _, let of, _, _): (sku, currency) = (added, of)
            case .setPrice(let priced, _, let from, _, let to) where from != to: (sku, currency) = (priced, to)
            default: return nil
            }
            if currency.isListed { return nil }
            return Violation(field: "currency", reason: "of \(sku) must be one of ISO 4217 that people pay in, such as EUR, not \(currency)")
        }
        if !violations.isEmpty { throw .invalid(violations) }
    }

    /// Makes Redis give up the units by which `changes` lower the stock.
    private func takeOffSale(_ changes: [SaleChange], of sale: Sale) async throws {
        for case .moveStock(let sku, let from, let to) in changes where to < from {
            var outcome: HoldOutcome
            do throws(StoreError) {
                outcome = try await store.hold(from - to, of: sku, in: sale.id, epoch: sale.epoch)
            } catch {
                try? await putBack(sale.id)
                throw error
            }
            if outcome == .mustRebuild {
                try await rebuild.rebuildHoldingLock(sale.id)
                let epoch = try await ledger.sale(sale.id)?.epoch ?? sale.epoch
                outcome = try await store.hold(from - to, of: sku, in: sale.id, epoch: epoch)
            }
            switch outcome {
            case .held: continue
            case .tooFew(let available):
                try? await putBack(sale.id)
                throw OperatorCommandError.conflict(
                    "\(sku): stock cannot become \(to), for only \(available) of \(from) units are not yet granted; it can become \(from - available)"
                )
            case .mustRebuild:
                throw OperatorCommandError.conflict("sale \(sale.id) is being rebuilt in Redis; try again")
            }
        }
    }

    private func make(_ changes: [SaleChange], to id: SaleID, by attribution: Attribution) async throws {
        do {
            try await ledger.make(changes, to: id, by: attribution)
        } catch {
            try? await putBack(id)
            throw error
        }
    }

    /// Whatever was taken off sale goes back on, if Postgres still has it as loaded. Should Redis
    /// not hear of it now, then the service tells it later.
    private func putBack(_ id: SaleID) async throws {
        guard let sale = try await ledger.sale(id) else { return }
        _ = try await store.sync(sale)
    }

    private func tellRedis(_ id: SaleID, hasChanged: Bool) async throws {
        do {
            guard let sale = try await ledger.sale(id) else { return }
            if try await store.sync(sale) == .mustRebuild { try await rebuild.rebuildHoldingLock(id) }
        } catch  where hasChanged {
            throw OperatorCommandError.redisIsBehind(reason: "\(error)")
        }
    }

    func existing(_ id: SaleID, _ sale: Sale?) throws(OperatorCommandError) -> Sale {
        guard let sale else { throw .unknownSale(id) }
        return sale
    }
}
