package import SaleCore

/// The closed books of one sale.
package struct SaleAudit: Sendable, Equatable {
    package var sale: SaleID
    /// In the order of the SKUs.
    package var balances: [StockBalance]
    /// `false` when units moved during every reading, so that Redis and Postgres were never seen at
    /// one instant and only what Postgres says alone (I1, I6) can be judged.
    package var isSettled: Bool

    package init(sale: SaleID, balances: [StockBalance], isSettled: Bool) {
        self.sale = sale
        self.balances = balances
        self.isSettled = isSettled
    }

    /// Every broken rule that can be judged, with the SKU that breaks it.
    package var breaches: [(balance: StockBalance, breach: StockBalance.Breach)] {
        balances.flatMap { balance in breaches(of: balance).map { (balance, $0) } }
    }

    package func breaches(of balance: StockBalance) -> [StockBalance.Breach] {
        balance.breaches.filter { isSettled || $0.isSeenInPostgresAlone }
    }
}

extension StockBalance.Breach {
    fileprivate var isSeenInPostgresAlone: Bool {
        switch self {
        case .oversold, .miscounted, .limitExceeded: true
        case .leaked, .minted, .notLoaded: false
        }
    }
}

extension SaleOperations {
    /// What one reading saw. Two equal ones in a row mean that nothing moved between them.
    private struct Books: Equatable {
        var balances: [StockBalance]
        var stock: StockReading?

        var doBalance: Bool { balances.allSatisfy(\.breaches.isEmpty) }
        var isProven: Bool { stock?.isProven ?? false }
    }

    /// Units that Postgres has given back reach Redis a moment later; a difference counts only when
    /// it stays the same for this many readings.
    private static let equalReadingsMin = 6
    private static let readingsMax = 30
    private static let pause: Duration = .milliseconds(250)
    /// Above every log that the queues of a fleet allow.
    private static let logEntriesMax = 1 << 20

    /// Reads the books of `id` until they balance, or until a difference is certain. Waits at most
    /// a few seconds.
    package func audit(_ id: SaleID) async throws(OperatorCommandError) -> SaleAudit {
        do {
            guard try await ledger.sale(id) != nil else { throw OperatorCommandError.unknownSale(id) }
            var last = try await books(of: id)
            var equalReadings = 1
            for _ in 1..<Self.readingsMax {
                if last.doBalance || equalReadings >= Self.equalReadingsMin { break }
                try await runtime.sleep(Self.pause)
                let next = try await books(of: id)
                // A Redis that does not hold the sale, or not yet, is being rebuilt by some node,
                // which takes longer than a difference is given.
                equalReadings = next == last && next.isProven ? equalReadings + 1 : 1
                last = next
            }
            return SaleAudit(
                sale: id, balances: last.balances, isSettled: last.doBalance || equalReadings >= Self.equalReadingsMin || !last.isProven)
        } catch {
            throw OperatorCommandError(error)
        }
    }

    private func books(of id: SaleID) async throws -> Books {
        let stock = try await store.read(id)
        var inFlight = try await unitsInFlight(of: id)
        for move in try await ledger.pendingMoves(of: id) where move.number > stock?.items[move.sku]?.lastMove ?? .max {
            inFlight[move.sku, default: 0] += move.unitsComing
        }
        let figures = try await ledger.auditFigures(of: id)
        let balances = figures.sorted { $0.key < $1.key }.map { sku, figures in
            StockBalance(
                sale: id, sku: sku, loaded: figures.loaded, committed: figures.committed, inLiveOrders: figures.inLiveOrders,
                available: stock?.items[sku]?.available, inFlight: inFlight[sku] ?? 0, limitPerUser: figures.limitPerUser,
                usersOverLimit: figures.usersOverLimit)
        }
        return Books(balances: balances, stock: stock)
    }

    /// Units that stand in the reservation log and not in Postgres: an entry outlives its commit by
    /// a moment.
    private func unitsInFlight(of id: SaleID) async throws -> [SKU: Int64] {
        let entries = try await store.reservations(of: id, grantedBefore: .distantFuture, countMax: Self.logEntriesMax)
        var units: [SKU: Int64] = [:]
        let recorded = try await ledger.recorded(ofMany: entries.map(\.order))
        for entry in entries where !recorded.contains(entry.order) { units[entry.sku, default: 0] += Int64(entry.quantity) }
        return units
    }
}
