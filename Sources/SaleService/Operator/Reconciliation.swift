package import SaleCore

/// An order that Redis counts and that holds no units in Postgres.
package struct SurplusOrder: Sendable, Equatable {
    package var held: HeldOrder
    /// It ended in Postgres. Otherwise Postgres has lost it, as by a failover, and its buyer may
    /// have been told that it stands.
    package var isRecorded: Bool

    package init(held: HeldOrder, isRecorded: Bool) {
        self.held = held
        self.isRecorded = isRecorded
    }
}

/// What Redis and Postgres say differently of one item, orders in flight counted.
package struct Drift: Sendable, Equatable {
    package var sku: SKU
    /// Units that Redis would still grant; `nil` when it does not hold the item.
    package var available: Int64?
    /// What that number must be: loaded − live − in flight − coming back.
    package var expected: Int64
    package var surplusOrders: [SurplusOrder]
    /// Orders that hold units in Postgres and that Redis does not count.
    package var missingOrders: [OrderID]
    /// `false` when the item's units moved during every reading.
    package var isCertain: Bool

    /// Positive: Redis would sell units that do not exist. Negative: it keeps back units that
    /// nobody holds.
    package var units: Int64 { (available ?? 0) - expected }

    package var isNone: Bool { available == expected && surplusOrders.isEmpty && missingOrders.isEmpty }

    /// What a rebuild from Postgres would change, if it treats the orders that Postgres has lost
    /// so.
    package func isRepaired(by lost: LostOrders) -> Bool {
        guard lost == .kept else { return !isNone }
        let unitsOfLost = surplusOrders.filter { !$0.isRecorded }.reduce(0) { $0 + Int64($1.held.quantity) }
        return available != expected - unitsOfLost || !missingOrders.isEmpty || surplusOrders.contains(where: \.isRecorded)
    }

    package init(sku: SKU, available: Int64?, expected: Int64, surplusOrders: [SurplusOrder], missingOrders: [OrderID], isCertain: Bool) {
        self.sku = sku
        self.available = available
        self.expected = expected
        self.surplusOrders = surplusOrders
        self.missingOrders = missingOrders
        self.isCertain = isCertain
    }
}

extension SaleOperations {
    /// A difference counts when it is seen this often in a row, each time with the item's units
    /// standing still.
    private static let equalSightingsMin = 3
    private static let readingsMax = 30
    private static let pause = Duration.milliseconds(100)

    /// Compares what Redis and Postgres hold of a sale while it runs.
    ///
    /// - Returns: every item, in the order of the SKUs.
    package func drift(of id: SaleID) async throws(OperatorCommandError) -> [Drift] {
        do {
            guard try await ledger.sale(id) != nil else { throw OperatorCommandError.unknownSale(id) }
            var settled: [SKU: Drift] = [:]
            var sightings: [SKU: Int] = [:]
            var last: [Drift] = []
            for reading in 0..<Self.readingsMax {
                if reading > 0 { try await runtime.sleep(Self.pause) }
                let seen = try await look(at: id)
                for drift in seen where drift.isCertain && settled[drift.sku] == nil {
                    let isSame = last.contains(drift)
                    sightings[drift.sku] = isSame ? sightings[drift.sku, default: 1] + 1 : 1
                    if drift.isNone || sightings[drift.sku, default: 0] >= Self.equalSightingsMin { settled[drift.sku] = drift }
                }
                last = seen
                if seen.allSatisfy({ settled[$0.sku] != nil }) { break }
            }
            return last.map { drift in
                var drift = settled[drift.sku] ?? drift
                drift.isCertain = settled[drift.sku] != nil
                return drift
            }
        } catch {
            throw OperatorCommandError(error)
        }
    }

    /// Rebuilds a sale in Redis from Postgres, under the sale's lock. Buyers hear `recovering` for
    /// as long as it takes. Every order that Postgres has lost stands in the audit trail before
    /// Redis is touched.
    package func repair(_ id: SaleID, lost: LostOrders, by attribution: Attribution) async throws(OperatorCommandError) {
        do {
            try await ledger.withLock(on: id) {
                try await rebuild.rebuildHoldingLock(id, lost: lost) { orders in
                    let lines = orders.map { $0.auditLine(lost) }
                    for start in stride(from: 0, to: lines.count, by: Self.auditLinesMax) {
                        try await enterAudit(Array(lines[start..<min(start + Self.auditLinesMax, lines.count)]), of: id, by: attribution)
                    }
                }
                try await enterAudit(["rebuilt in Redis from Postgres"], of: id, by: attribution)
            }
        } catch {
            throw OperatorCommandError(error)
        }
    }

    private func enterAudit(_ lines: [String], of id: SaleID, by attribution: Attribution) async throws(JournalError) {
        try await ledger.enterAudit(lines, of: id, by: attribution)
    }

    /// In one row of the audit trail.
    private static let auditLinesMax = 1_000

    /// One reading: Redis, then Postgres, then Redis again. What stood still in Redis between its
    /// two readings was seen at one instant.
    private func look(at id: SaleID) async throws -> [Drift] {
        let before = try await store.read(id)
        let held = try await store.heldOrders(of: id)
        let log = try await store.reservations(of: id, grantedBefore: .distantFuture, countMax: .max)
        let live = LiveOrders()
        let sale = try await ledger.rebuildSnapshot(of: id) { await live.add($0) }
        let moves = try await ledger.pendingMoves(of: id)
        let recorded = try await ledger.recorded(ofMany: log.map(\.order))
        let after = try await store.read(id)
        let inFlight = log.filter { !recorded.contains($0.order) }
        let liveOrders = await live.orders
        // What explains why an order that Redis counts does not live in Postgres.
        let explained = Set(inFlight.map(\.order)).union(moves.filter { $0.number > before?.items[$0.sku]?.lastMove ?? .max }.map(\.order))
        let surplus = try await surplusOrders(
            sale.items.reduce(into: []) { $0.formUnion((held[$1.sku] ?? []).subtracting(liveOrders[$1.sku] ?? []).subtracting(explained)) }, of: id)
        return sale.items.map { item in
            let book = before?.items[item.sku]
            let coming = moves.filter { $0.sku == item.sku && $0.number > book?.lastMove ?? .max }
            let flying = inFlight.filter { $0.sku == item.sku }
            let expected =
                item.loaded - item.committed - flying.reduce(0) { $0 + Int64($1.quantity) } - coming.reduce(0) { $0 + $1.unitsComing }
            return Drift(
                sku: item.sku, available: book?.available, expected: expected,
                surplusOrders: surplus.filter { $0.held.sku == item.sku },
                missingOrders: (liveOrders[item.sku] ?? []).subtracting(held[item.sku] ?? []).subtracting(explained).sorted(),
                isCertain: book == after?.items[item.sku] && before?.epoch == after?.epoch)
        }
    }

    private func surplusOrders(_ ids: Set<OrderID>, of sale: SaleID) async throws -> [SurplusOrder] {
        if ids.isEmpty { return [] }
        let recorded = try await ledger.recorded(ofMany: Array(ids))
        return try await store.heldOrders(ids, of: sale).map { SurplusOrder(held: $0, isRecorded: recorded.contains($0.order)) }
    }
}

extension HeldOrder {
    fileprivate func auditLine(_ lost: LostOrders) -> String {
        "order \(order) of user \(user), \(quantity) × \(sku), key \(key?.rawValue ?? "none"): not in Postgres, "
            + (lost == .kept ? "kept in Redis" : "dropped from Redis")
    }
}

/// Gathers the live orders of a snapshot as its pages come.
private actor LiveOrders {
    private(set) var orders: [SKU: Set<OrderID>] = [:]

    func add(_ page: [RebuildEntry]) {
        for entry in page where entry.isLive { orders[entry.sku, default: []].insert(entry.order) }
    }
}
