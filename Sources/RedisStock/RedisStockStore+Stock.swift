package import SaleCore
package import SaleService

/// Stock, window and rebuild. What each script does to Redis is told in its file.
extension RedisStockStore {
    /// Keeps one call of a rebuild to a few milliseconds, and below the script's bound.
    static let rebuildEntriesPerCallMax = 500

    package func sync(_ sale: Sale) async throws(StoreError) -> SyncOutcome {
        let keys = SaleKeys(sale.id)
        let reply = try await evaluate(
            .sync, keys: keys.books, Self.window(of: sale) + Self.items(of: sale))
        return try syncOutcome(reply, of: "sync.lua")
    }

    package func hold(_ units: Int64, of sku: SKU, in sale: SaleID, epoch: Epoch) async throws(StoreError) -> HoldOutcome {
        let keys = SaleKeys(sale)
        let reply = try await evaluate(.hold, keys: [keys.sale, keys.stock, SaleKeys.changes], [epoch.description, sku.rawValue, String(units)])
        let words = reply.text?.split(separator: " ") ?? []
        switch words.first {
        case "held": return .held
        case "mustrebuild": return .mustRebuild
        case "toofew":
            guard let available = words.dropFirst().first.flatMap({ Int64($0) }) else { throw unreadable("hold.lua") }
            return .tooFew(available: available)
        default: throw unreadable("hold.lua")
        }
    }

    /// - Throws: `refused` when Redis is at a newer epoch; nothing is changed then.
    package func beginRebuild(of sale: SaleID, epoch: Epoch, keeping kept: [HeldOrder]) async throws(StoreError) {
        let keys = SaleKeys(sale)
        let orders = kept.flatMap { [$0.order.description, $0.user.rawValue, $0.sku.rawValue, String($0.quantity), $0.key?.rawValue ?? ""] }
        _ = try await evaluate(.beginRebuild, keys: keys.books, [epoch.description] + orders)
    }

    /// - Throws: `refused` when the sale is not being rebuilt in this epoch; nothing is changed by
    ///   the call that finds it so.
    package func rebuild(_ entries: [RebuildEntry], of sale: SaleID, epoch: Epoch) async throws(StoreError) {
        let keys = SaleKeys(sale)
        for start in stride(from: 0, to: entries.count, by: Self.rebuildEntriesPerCallMax) {
            let page = entries[start..<min(start + Self.rebuildEntriesPerCallMax, entries.count)]
            _ = try await evaluate(
                .rebuild, keys: [keys.sale, keys.buyers, keys.keys],
                [epoch.description]
                    + page.flatMap { entry in
                        [
                            entry.order.description, entry.user.rawValue, entry.sku.rawValue, String(entry.quantity),
                            entry.key?.rawValue ?? "", entry.isLive ? "1" : "0",
                        ]
                    })
        }
    }

    package func endRebuild(of sale: Sale) async throws(StoreError) -> SyncOutcome {
        let keys = SaleKeys(sale.id)
        let run = try await identity().run
        let reply = try await evaluate(
            .endRebuild, keys: keys.books, Self.window(of: sale) + [run] + Self.items(of: sale))
        return try syncOutcome(reply, of: "end_rebuild.lua")
    }

    package func move(_ moves: [StockMove], of sale: SaleID, epoch: Epoch) async throws(StoreError) -> [StockMove] {
        var known: [StockMove] = []
        for start in stride(from: 0, to: moves.count, by: Limits.movesPerCallMax) {
            let page = moves[start..<min(start + Limits.movesPerCallMax, moves.count)]
            let arguments = page.flatMap { move in
                [
                    move.sku.rawValue, String(move.number), move.kind.rawValue, move.order.description, move.user.rawValue, String(move.quantity),
                    move.key?.rawValue ?? "",
                ]
            }
            let reply = try await evaluate(.move, keys: SaleKeys(sale).books, [epoch.description] + arguments)
            guard let answers = reply.text, answers.utf8.count == page.count else { throw unreadable("move.lua") }
            known += zip(page, answers.utf8).filter { $1 == UInt8(ascii: "1") }.map(\.0)
        }
        return known
    }

    private func syncOutcome(_ reply: RedisValue, of script: String) throws(StoreError) -> SyncOutcome {
        switch reply {
        case .integer(1): return .done
        case .integer(0): return .mustRebuild
        default: throw unreadable(script)
        }
    }

    private static func window(of sale: Sale) -> [String] {
        [
            sale.epoch.description, String(sale.version), sale.status.rawValue, String(sale.opensAt.milliseconds), String(sale.closesAt.milliseconds),
        ]
    }

    private static func items(of sale: Sale) -> [String] {
        sale.items.flatMap {
            [$0.sku.rawValue, String($0.loaded), String($0.committed), String($0.limitPerUser), String($0.version), String($0.lastMove)]
        }
    }
}
