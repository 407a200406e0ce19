import Logging
package import SaleCore
package import SaleService

/// The reservation log.
extension RedisStockStore {
    private static let entriesPerScan = 1_000

    package func reservations(
        of sale: SaleID, grantedBefore instant: Timestamp, countMax: Int
    ) async throws(StoreError) -> [Reservation] {
        var found: [OrderID: Reservation] = [:]
        try await scanLog(of: sale) { reservation in
            if reservation.grantedAt <= instant { found[reservation.order] = reservation }
            return found.count < countMax
        }
        return Array(found.values)
    }

    package func logCount(of sale: SaleID) async throws(StoreError) -> Int64 {
        guard let count = try await call(["HLEN", SaleKeys(sale).log]).number else { throw unreadable("HLEN") }
        return count
    }

    package func heldOrders(of sale: SaleID) async throws(StoreError) -> [SKU: Set<OrderID>] {
        var held: [SKU: Set<OrderID>] = [:]
        try await scanBuyers(of: sale) { held[$0.sku, default: []].insert($0.order) }
        return held
    }

    package func heldOrders(_ ids: Set<OrderID>, of sale: SaleID) async throws(StoreError) -> [HeldOrder] {
        var held: [OrderID: HeldOrder] = [:]
        try await scanBuyers(of: sale) { if ids.contains($0.order) { held[$0.order] = $0 } }
        try await scan(SaleKeys(sale).keys) { field, made in
            if let order = made.text.flatMap({ OrderID(String($0.prefix(36))) }), held[order] != nil,
                let key = field.text?.split(separator: " ").last.flatMap({ IdempotencyKey(String($0)) })
            {
                held[order]?.key = key
            }
            return true
        }
        return held.values.sorted { $0.order < $1.order }
    }

    package func unitsInFlight(of sale: SaleID) async throws(StoreError) -> [SKU: Int64] {
        var seen: Set<OrderID> = []
        var units: [SKU: Int64] = [:]
        try await scanLog(of: sale) { reservation in
            if seen.insert(reservation.order).inserted { units[reservation.sku, default: 0] += Int64(reservation.quantity) }
            return true
        }
        return units
    }

    package func reservation(_ order: OrderID, of sale: SaleID) async throws(StoreError) -> Reservation? {
        let record = try await call(["HGET", SaleKeys(sale).log, order.description])
        if record == .null { return nil }
        guard let reservation = LogRecord.reservation(order: .bytes(Array(order.description.utf8)), record: record, sale: sale) else {
            throw unreadable("HGET")
        }
        return reservation
    }

    /// An empty hash does not exist.
    package func hasReservations(_ sales: [SaleID]) async throws(StoreError) -> Bool {
        for start in stride(from: 0, to: sales.count, by: Self.logsPerCommand) {
            let logs = sales[start..<min(start + Self.logsPerCommand, sales.count)].map { SaleKeys($0).log }
            guard let count = try await call(["EXISTS"] + logs).number else { throw unreadable("EXISTS") }
            if count > 0 { return true }
        }
        return false
    }

    /// A tenth of a millisecond of Redis.
    private static let logsPerCommand = 1_000

    package func settle(_ settlement: Settlement) async throws(StoreError) {
        let keys = SaleKeys(settlement.sale)
        var commands: [[String]] = []
        SettleCall.forEachSlice(of: settlement.committed) { orders in
            commands.append(["HDEL", keys.log] + orders.map(\.description))
        }
        for command in commands { _ = try await call(command) }
        var arguments: [[String]] = []
        SettleCall.forEachSlice(of: settlement.released) { orders in
            arguments.append(orders.flatMap { [$0.order.description, $0.user.rawValue, $0.sku.rawValue, $0.freedKey?.rawValue ?? ""] })
        }
        for arguments in arguments { _ = try await evaluate(.settle, keys: keys.all, arguments) }
    }

    /// Calls `body` with every order of every buyer's entry; its key is not told. An order may come
    /// twice.
    private func scanBuyers(of sale: SaleID, _ body: (HeldOrder) -> Void) async throws(StoreError) {
        try await scan(SaleKeys(sale).buyers) { field, entry in
            let buyer = field.text?.split(separator: " ") ?? []
            guard buyer.count == 2, let sku = SKU(stored: String(buyer[0])), let user = UserID(String(buyer[1])) else { return true }
            // Units, then one word per order: its id and its quantity.
            for word in (entry.text?.split(separator: " ") ?? []).dropFirst() {
                let parts = word.split(separator: ":")
                guard parts.count == 2, let order = OrderID(String(parts[0])), let quantity = Int(parts[1]) else { continue }
                body(HeldOrder(order: order, user: user, sku: sku, quantity: quantity, key: nil))
            }
            return true
        }
    }

    /// Calls `body` with every entry that was in the log throughout the scan, until it returns
    /// `false`. An entry may come twice.
    private func scanLog(of sale: SaleID, _ body: (Reservation) -> Bool) async throws(StoreError) {
        try await scan(SaleKeys(sale).log) { order, record in
            guard let reservation = LogRecord.reservation(order: order, record: record, sale: sale) else {
                // One entry that nobody can read must not keep the others from Postgres.
                logger.error(
                    "an entry of the reservation log cannot be read", metadata: [LogKey.sale: "\(sale)", LogKey.order: "\(order.text ?? "")"])
                return true
            }
            return body(reservation)
        }
    }

    /// Calls `body` with every field of a hash and its value, until it returns `false`. A field may
    /// come twice.
    private func scan(_ hash: String, _ body: (_ field: RedisValue, _ value: RedisValue) -> Bool) async throws(StoreError) {
        var cursor = "0"
        repeat {
            let reply = try await call(["HSCAN", hash, cursor, "COUNT", String(Self.entriesPerScan)])
            guard let parts = reply.elements, parts.count == 2, let next = parts[0].text, let pairs = parts[1].elements else {
                throw unreadable("HSCAN")
            }
            for index in stride(from: 0, to: pairs.count - 1, by: 2) where !body(pairs[index], pairs[index + 1]) { return }
            cursor = next
        } while cursor != "0"
    }
}
