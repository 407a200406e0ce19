package import SaleCore
package import SaleService

/// What Redis holds of one sale, and what each script does to it. A value: a copy is a snapshot, a
/// replica that lags, or a file on disk.
package struct RedisSale: Sendable, Equatable {
    package enum Status: Sendable, Equatable {
        case rebuilding
        case of(SaleStatus)
    }

    package struct Head: Sendable, Equatable {
        var epoch: Epoch
        var status: Status
        var version: Int64 = 0
        var opensAt = Timestamp(milliseconds: 0)
        var closesAt = Timestamp(milliseconds: 0)
    }

    package struct Item: Sendable, Equatable {
        var available: Int64
        var limitPerUser: Int
        var loaded: Int64
        var version: Int64
        var stockVersion: Int64
        var lastMove: Int64
    }

    package struct Buyer: Hashable, Sendable {
        package var sku: SKU
        package var user: UserID
    }

    package struct Held: Sendable, Equatable {
        package var order: OrderID
        package var quantity: Int
    }

    package struct KeyField: Hashable, Sendable {
        var user: UserID
        var key: IdempotencyKey
    }

    package struct Made: Sendable, Equatable {
        var order: OrderID
        var sku: SKU
        var quantity: Int
    }

    package var head: Head?
    package var stock: [SKU: Item] = [:]
    package var buyers: [Buyer: [Held]] = [:]
    package var keys: [KeyField: Made] = [:]
    package var log: [OrderID: Reservation] = [:]

    /// What the record of changes is told.
    package enum Mark: Sendable, Equatable {
        case sale
        case items(Set<SKU>)
    }

    private var mark: Mark?

    package init() {}

    /// What the last script changed, unless it was asked before.
    package mutating func takeMark() -> Mark? { mark.take() }

    private func isOpen(in epoch: Epoch) -> Bool {
        head.map { $0.epoch == epoch && $0.status != .rebuilding } ?? false
    }

    // MARK: reserve.lua

    package mutating func reserve(_ batch: ReservationBatch, at now: Timestamp) -> ReservationReply {
        guard let head, case .of(let status) = head.status else { return .notLoaded }
        if stock.isEmpty { return .notLoaded }
        guard head.epoch == batch.epoch else { return .staleEpoch(current: head.epoch) }
        let refusal: ReservationVerdict? =
            if status == .closed || now >= head.closesAt { .closed } else if status == .paused { .paused } else if now < head.opensAt {
                .notStarted
            } else { nil }
        let logBefore = log
        defer {
            let granted = batch.requests.filter { logBefore[$0.order] != log[$0.order] }
            if !granted.isEmpty { mark = .items(Set(granted.map(\.sku))) }
        }
        return .decided(at: now, verdicts: batch.requests.map { decide($0, refusal, batch, at: now) })
    }

    private mutating func decide(
        _ request: ReservationRequest, _ refusal: ReservationVerdict?, _ batch: ReservationBatch, at now: Timestamp
    ) -> ReservationVerdict {
        let buyer = Buyer(sku: request.sku, user: request.user)
        let entry = buyers[buyer] ?? []
        let isGranted = entry.contains { $0.order == request.order }
        let field = request.key.map { KeyField(user: request.user, key: $0) }
        if let field, let earlier = keys[field] {
            guard earlier.sku == request.sku, earlier.quantity == request.quantity else { return .keyMismatch }
            if earlier.order != request.order || !isGranted { return .replayed(earlier.order) }
        }
        if isGranted { return .granted }
        if let refusal { return refusal }
        guard let item = stock[request.sku] else { return .unknownSKU }
        if entry.units + request.quantity > item.limitPerUser { return .limitReached(entry.last?.order) }
        if item.available < Int64(request.quantity) { return .soldOut(left: max(0, item.available)) }
        stock[request.sku]?.available -= Int64(request.quantity)
        buyers[buyer, default: []].append(Held(order: request.order, quantity: request.quantity))
        if let field { keys[field] = Made(order: request.order, sku: request.sku, quantity: request.quantity) }
        log[request.order] = Reservation(request, of: batch.sale, epoch: batch.epoch, grantedAt: now)
        return .granted
    }

    // MARK: settle.lua

    package mutating func settle(committed orders: [OrderID]) {
        for order in orders { log[order] = nil }
    }

    package mutating func settle(released orders: [Settlement.Released]) {
        mark = .items(Set(orders.map(\.sku)))
        for released in orders {
            log[released.order] = nil
            if let head, head.status != .rebuilding { giveBack(released.order, of: Buyer(sku: released.sku, user: released.user)) }
            guard let key = released.freedKey else { continue }
            let field = KeyField(user: released.user, key: key)
            if keys[field]?.order == released.order { keys[field] = nil }
        }
    }

    private mutating func giveBack(_ order: OrderID, of buyer: Buyer) {
        guard var entry = buyers[buyer], let index = entry.firstIndex(where: { $0.order == order }) else { return }
        let quantity = entry.remove(at: index).quantity
        buyers[buyer] = entry.isEmpty ? nil : entry
        stock[buyer.sku]?.available += Int64(quantity)
        stock[buyer.sku]?.stockVersion += 1
    }

    // MARK: move.lua

    /// - Returns: for each move, whether Redis knows of it now.
    package mutating func move(_ moves: [StockMove], epoch: Epoch) -> [Bool] {
        guard isOpen(in: epoch) else { return moves.map { _ in false } }
        mark = .items(Set(moves.map(\.sku)))
        return moves.map { move in
            guard let last = stock[move.sku]?.lastMove, move.number <= last + 1 else { return false }
            guard move.number == last + 1 else { return true }
            let buyer = Buyer(sku: move.sku, user: move.user)
            switch move.kind {
            case .charge: charge(move, to: buyer)
            case .giveBack: giveBack(move.order, of: buyer)
            }
            stock[move.sku]?.lastMove = move.number
            return true
        }
    }

    private mutating func charge(_ move: StockMove, to buyer: Buyer) {
        guard buyers[buyer]?.contains(where: { $0.order == move.order }) != true else { return }
        buyers[buyer, default: []].append(Held(order: move.order, quantity: move.quantity))
        if let key = move.key {
            let field = KeyField(user: move.user, key: key)
            if keys[field] == nil { keys[field] = Made(order: move.order, sku: move.sku, quantity: move.quantity) }
        }
        stock[move.sku]?.available -= Int64(move.quantity)
    }

    // MARK: sync.lua, hold.lua, read.lua

    package mutating func sync(_ sale: Sale) -> SyncOutcome {
        guard isOpen(in: sale.epoch), !stock.isEmpty, let version = head?.version else { return .mustRebuild }
        mark = .sale
        if sale.version >= version { setWindow(of: sale) }
        for item in sale.items {
            guard let old = stock[item.sku] else {
                stock[item.sku] = Item(item, epoch: sale.epoch)
                continue
            }
            guard item.version >= old.version else { continue }
            let more = item.loaded - old.loaded
            stock[item.sku] = Item(
                available: old.available + more, limitPerUser: item.limitPerUser, loaded: item.loaded, version: item.version,
                stockVersion: old.stockVersion + (more > 0 ? 1 : 0), lastMove: old.lastMove)
        }
        return .done
    }

    private mutating func setWindow(of sale: Sale) {
        head = Head(epoch: sale.epoch, status: .of(sale.status), version: sale.version, opensAt: sale.opensAt, closesAt: sale.closesAt)
    }

    package mutating func hold(_ units: Int64, of sku: SKU, epoch: Epoch) -> HoldOutcome {
        guard isOpen(in: epoch), let item = stock[sku] else { return .mustRebuild }
        if item.available < units { return .tooFew(available: max(0, item.available)) }
        mark = .items([sku])
        stock[sku]?.available -= units
        stock[sku]?.loaded -= units
        return .held
    }

    package var reading: StockReading? {
        guard let head, head.status == .rebuilding || !stock.isEmpty else { return nil }
        return StockReading(
            epoch: head.epoch, isProven: head.status != .rebuilding, saleVersion: head.version,
            items: stock.mapValues {
                StockReading.Item(available: $0.available, loaded: $0.loaded, stockVersion: $0.stockVersion, lastMove: $0.lastMove)
            }, logCount: Int64(log.count))
    }

    // MARK: begin_rebuild.lua, rebuild.lua, end_rebuild.lua

    /// `false` when the sale is at a newer epoch.
    package mutating func beginRebuild(epoch: Epoch, keeping kept: [HeldOrder] = []) -> Bool {
        if let head, head.epoch > epoch { return false }
        mark = .sale
        head = Head(epoch: epoch, status: .rebuilding)
        (stock, buyers, keys) = ([:], [:], [:])
        for held in kept {
            buyers[Buyer(sku: held.sku, user: held.user), default: []].append(Held(order: held.order, quantity: held.quantity))
            guard let key = held.key else { continue }
            keys[KeyField(user: held.user, key: key)] = Made(order: held.order, sku: held.sku, quantity: held.quantity)
        }
        return true
    }

    /// All that is known of those of `ids` whose units are taken.
    package func held(_ ids: Set<OrderID>) -> [HeldOrder] {
        buyers.flatMap { buyer, orders in
            orders.filter { ids.contains($0.order) }.map { held in
                let key = keys.first { $0.key.user == buyer.user && $0.value.order == held.order }?.key.key
                return HeldOrder(order: held.order, user: buyer.user, sku: buyer.sku, quantity: held.quantity, key: key)
            }
        }
        .sorted { $0.order < $1.order }
    }

    /// `false` when the sale is not being rebuilt in this epoch.
    package mutating func rebuild(_ entries: [RebuildEntry], epoch: Epoch) -> Bool {
        guard let head, head.epoch == epoch, head.status == .rebuilding else { return false }
        for entry in entries {
            let buyer = Buyer(sku: entry.sku, user: entry.user)
            if entry.isLive, buyers[buyer]?.contains(where: { $0.order == entry.order }) != true {
                buyers[buyer, default: []].append(Held(order: entry.order, quantity: entry.quantity))
            }
            guard let key = entry.key else { continue }
            let field = KeyField(user: entry.user, key: key)
            if entry.isLive || keys[field] == nil { keys[field] = Made(order: entry.order, sku: entry.sku, quantity: entry.quantity) }
        }
        return true
    }

    package mutating func endRebuild(of sale: Sale) -> SyncOutcome {
        guard let head, head.epoch == sale.epoch, head.status == .rebuilding else { return .mustRebuild }
        mark = .sale
        for item in sale.items { stock[item.sku] = Item(item, epoch: sale.epoch) }
        setWindow(of: sale)
        return .done
    }
}

extension RedisSale.Item {
    fileprivate init(_ item: SaleItem, epoch: Epoch) {
        self.init(
            available: item.loaded - item.committed, limitPerUser: item.limitPerUser, loaded: item.loaded, version: item.version,
            stockVersion: epoch.number * 1_000_000_000, lastMove: item.lastMove)
    }
}

extension [RedisSale.Held] {
    var units: Int { reduce(0) { $0 + $1.quantity } }
}
