package import SaleCore

/// What Redis and Postgres say differently of one item, orders in flight counted.
package struct Drift: Sendable, Equatable {
    package var sku: SKU
    /// Units that Redis would still grant; `nil` when it does not hold the item.
    package var available: Int64?
    /// What that number must be: loaded − live − in flight − coming back.
    package var expected: Int64
    /// Orders that Redis counts and that hold no units in Postgres.
    package var surplusOrders: [OrderID]
    /// Orders that hold units in Postgres and that Redis does not count.
    package var missingOrders: [OrderID]
    /// `false` when the item's units moved during every reading.
    package var isCertain: Bool

    /// Positive: Redis would sell units that do not exist. Negative: it keeps back units that nobody holds.
    package var units: Int64 { (available ?? 0) - expected }

    package var isNone: Bool { available == expected && surplusOrders.isEmpty && missingOrders.isEmpty }

    package init(sku: SKU, available: Int64?, expected: Int64, surplusOrders: [OrderID], missingOrders: [OrderID], isCertain: Bool) {
        self.sku = sku
        self.available = available
        self.expected = expected
        self.surplusOrders = surplusOrders
        self.missingOrders = missingOrders
        self.isCertain = isCertain
    }
}

extension SaleOperations {
    /// A difference counts when it is seen this often in a row, each time with the item's units standing still.
    private static let equalSightingsMin = 3
    private static let readingsMax = 30
    private static let pause = Duration.milliseconds(100)

    /// Compares what Redis and Postgres hold of a sale while it runs.
    ///
    /// - Returns: every item, in the order of the SKUs.
    package func drift(of id: SaleID) async throws(OperationError) -> [Drift] {
        do {
            guard try await ledger.sale(id) != nil else { throw OperationError.notFound("there is no sale \(id)") }
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
            throw OperationError(error)
        }
    }

    /// Rebuilds a sale in Redis from Postgres, under the sale's lock. Buyers hear `recovering` for as long as it takes.
    package func repair(_ id: SaleID) async throws(OperationError) {
        do {
            try await ledger.withLock(on: id) { try await rebuild.rebuildHoldingLock(id) }
        } catch {
            throw OperationError(error)
        }
    }

    /// One reading: Redis, then Postgres, then Redis again. What stood still in Redis between its two readings was seen at one instant.
    private func look(at id: SaleID) async throws -> [Drift] {
        let before = try await store.read(id)
        let held = try await store.heldOrders(of: id)
        let log = try await store.reservations(of: id, grantedBefore: .distantFuture, countMax: .max)
        let live = LiveOrders()
        let sale = try await ledger.rebuildSnapshot(of: id) { await live.add($0) }
        let moves = try await ledger.pendingMoves(of: id)
        var recorded: Set<OrderID> = []
        for start in stride(from: 0, to: log.count, by: Self.lookUpMax) {
            recorded.formUnion(try await ledger.recorded(log[start..<min(start + Self.lookUpMax, log.count)].map(\.order)))
        }
        let after = try await store.read(id)
        let inFlight = log.filter { !recorded.contains($0.order) }
        let liveOrders = await live.orders
        return sale.items.map { item in
            let book = before?.items[item.sku]
            let coming = moves.filter { $0.sku == item.sku && $0.number > book?.lastMove ?? .max }
            let flying = inFlight.filter { $0.sku == item.sku }
            let expected =
                item.loaded - item.committed - flying.reduce(0) { $0 + Int64($1.quantity) } - coming.reduce(0) { $0 + $1.unitsComing }
            let explained = Set(flying.map(\.order)).union(coming.map(\.order))
            let (inRedis, inPostgres) = (held[item.sku] ?? [], liveOrders[item.sku] ?? [])
            return Drift(
                sku: item.sku, available: book?.available, expected: expected,
                surplusOrders: inRedis.subtracting(inPostgres).subtracting(explained).sorted(),
                missingOrders: inPostgres.subtracting(inRedis).subtracting(explained).sorted(),
                isCertain: book == after?.items[item.sku] && before?.epoch == after?.epoch)
        }
    }

    static let lookUpMax = 10_000
}

/// Gathers the live orders of a snapshot as its pages come.
private actor LiveOrders {
    private(set) var orders: [SKU: Set<OrderID>] = [:]

    func add(_ page: [RebuildEntry]) {
        for entry in page where entry.isLive { orders[entry.sku, default: []].insert(entry.order) }
    }
}
