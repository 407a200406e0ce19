import SaleCore
import SaleService

/// What `reserve.lua`, `settle.lua` and `sync.lua` should do, written down once more without Redis.
struct ReserveModel {
    private struct Buyer: Hashable {
        let user: UserID
        let sku: SKU
    }
    private struct KeyOfUser: Hashable {
        let user: UserID
        let key: IdempotencyKey
    }

    var status = SaleStatus.open
    private(set) var available: [SKU: Int64]
    private var loaded: [SKU: Int64]
    private var limits: [SKU: Int]
    private var orders: [Buyer: [(order: OrderID, quantity: Int)]] = [:]
    private var keys: [KeyOfUser: ReservationRequest] = [:]
    private(set) var log: [OrderID: ReservationRequest] = [:]

    init(_ items: [SaleItem]) {
        loaded = Dictionary(uniqueKeysWithValues: items.map { ($0.sku, $0.loaded) })
        limits = Dictionary(uniqueKeysWithValues: items.map { ($0.sku, $0.limitPerUser) })
        available = loaded
    }

    mutating func decide(_ request: ReservationRequest) -> ReservationVerdict {
        let buyer = Buyer(user: request.user, sku: request.sku)
        let own = orders[buyer, default: []]
        let hasIt = log[request.order] != nil || own.contains { $0.order == request.order }
        let key = request.key.map { KeyOfUser(user: request.user, key: $0) }
        if let key, let earlier = keys[key] {
            if earlier.sku != request.sku || earlier.quantity != request.quantity { return .keyMismatch }
            if earlier.order != request.order || !hasIt { return .replayed(earlier.order) }
        }
        if hasIt { return .granted }
        switch status {
        case .closed: return .closed
        case .paused: return .paused
        case .open: break
        }
        guard let left = available[request.sku], let limit = limits[request.sku] else { return .unknownSKU }
        if own.reduce(request.quantity, { $0 + $1.quantity }) > limit { return .limitReached(own.last?.order) }
        if left < request.quantity { return .soldOut(left: max(left, 0)) }
        available[request.sku] = left - Int64(request.quantity)
        orders[buyer] = own + [(request.order, request.quantity)]
        if let key { keys[key] = request }
        log[request.order] = request
        return .granted
    }

    mutating func commit(_ order: OrderID) {
        log[order] = nil
    }

    /// The order holds no units in Postgres: it leaves the log and its buyer, and its units come back.
    mutating func release(_ request: ReservationRequest) {
        log[request.order] = nil
        let buyer = Buyer(user: request.user, sku: request.sku)
        guard let index = orders[buyer]?.firstIndex(where: { $0.order == request.order }) else { return }
        orders[buyer]?.remove(at: index)
        available[request.sku, default: 0] += Int64(request.quantity)
    }

    /// The rule that every script keeps.
    var balances: Bool {
        available.allSatisfy { sku, units in
            units == loaded[sku, default: 0] - orders.filter { $0.key.sku == sku }.values.joined().reduce(0) { $0 + Int64($1.quantity) }
        }
    }

    mutating func load(_ units: Int64, of sku: SKU) {
        available[sku, default: 0] += units - loaded[sku, default: 0]
        loaded[sku] = units
    }
}
