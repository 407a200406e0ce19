import SaleCore
import SaleService

/// The path of a batch that does not fit as it is: everything that counts is locked, each order is
/// judged in turn, those that fit are committed and the others are recorded as rejected, in one
/// transaction. Other writers of these sales' batches wait meanwhile.
enum SerializedCommit {
    /// - Parameter orders: each id once, in the order in which they are to be judged.
    /// - Returns: a verdict for each.
    static func run(_ orders: [Reservation], on session: isolated PostgresSession) throws(JournalError) -> [OrderID: CommitVerdict] {
        try session.transaction { () throws(JournalError) in
            try lockJournal(of: orders, on: session)
            var verdicts = try FoundOrders.find(orders.map(\.order), on: session)
            let open = orders.filter { verdicts[$0.order] == nil }
            guard !open.isEmpty else { return verdicts }
            var judge = try lockAndRead(open, on: session)
            var fitting: [Reservation] = []
            var rejected: [RejectedOrder] = []
            for order in open {
                switch judge.judge(order) {
                case .commit: fitting.append(order)
                case .unknownItem: verdicts[order.order] = .rejected(.unknownItem)
                case .reject(let reason, let keepsKey):
                    verdicts[order.order] = .rejected(reason)
                    rejected.append(RejectedOrder(order: order, reason: reason, keepsKey: keepsKey))
                }
            }
            verdicts.merge(try commit(fitting, on: session)) { _, committed in committed }
            try record(rejected, on: session)
            return verdicts
        }
    }

    /// Records those of `orders` that are not there as abandoned, and frees their keys. Other
    /// writers of these sales' batches wait meanwhile.
    static func abandon(_ orders: [Reservation], on session: isolated PostgresSession) throws(JournalError) -> [OrderID: CommitVerdict] {
        try session.transaction { () throws(JournalError) in
            try lockJournal(of: orders, on: session)
            var verdicts = try FoundOrders.find(orders.map(\.order), on: session)
            let open = orders.filter { verdicts[$0.order] == nil }
            try record(open.map { RejectedOrder(order: $0, reason: .abandoned, keepsKey: false) }, on: session)
            for order in open { verdicts[order.order] = .rejected(.abandoned) }
            return verdicts
        }
    }

    private static func lockJournal(of orders: [Reservation], on session: isolated PostgresSession) throws(JournalError) {
        var parameters = PostgresParameters()
        parameters.texts(Set(orders.map(\.sale))) { $0.rawValue }
        try session.run(.lockJournal, parameters)
    }

    private struct RejectedOrder {
        var order: Reservation
        var reason: CommitVerdict.Rejection
        var keepsKey: Bool
    }

    private static func commit(_ orders: [Reservation], on session: isolated PostgresSession) throws(JournalError) -> [OrderID: CommitVerdict] {
        guard !orders.isEmpty else { return [:] }
        let inserted = try InsertedOrders.insert(orders, by: .commitOrders, on: session)
        guard inserted.count == orders.count else {
            // Somebody wrote an order without taking the journal's lock: look again.
            throw .failed(reason: "an order appeared while its batch was judged", sqlState: SQLState.serializationFailure)
        }
        return inserted.verdicts
    }

    private static func record(_ rejected: [RejectedOrder], on session: isolated PostgresSession) throws(JournalError) {
        guard !rejected.isEmpty else { return }
        let keyless = Set(rejected.lazy.filter { !$0.keepsKey }.map(\.order.order))
        let orders = rejected.map(\.order)
        var parameters = PostgresParameters(orders, of: BatchItems(orders)) { keyless.contains($0.order) ? nil : $0.key }
        parameters.texts(rejected) { $0.reason.recorded }
        try session.run(.recordRejected, parameters)
    }

    /// Locks in the order in which every writer of orders does, counters before stock, and reads
    /// what the judge must know.
    private static func lockAndRead(_ orders: [Reservation], on session: isolated PostgresSession) throws(JournalError) -> BatchJudge {
        var holdings = PostgresParameters()
        holdings.texts(orders, \.user.rawValue)
        holdings.texts(orders, \.sale.rawValue)
        holdings.texts(orders, \.sku.rawValue)
        try session.run(.lockUserUnits, holdings)

        let items = BatchItems(orders)
        var itemParameters = PostgresParameters()
        items.encode(into: &itemParameters)
        let room = try session.query(.lockItems, itemParameters) { result in
            var room: [ItemKey: BatchJudge.Room] = [:]
            for row in 0..<result.rowCount {
                let key = items.keys[Int(result.int64(row, 0)) - 1]
                room[key] = BatchJudge.Room(units: result.int64(row, 1), limitPerUser: Int(result.int32(row, 2)))
            }
            return room
        }
        return BatchJudge(room: room, held: try readHoldings(holdings, on: session), usedKeys: try readKeys(of: orders, on: session))
    }

    private static func readHoldings(
        _ parameters: PostgresParameters, on session: isolated PostgresSession
    ) throws(JournalError) -> [HoldingKey: Int64] {
        try session.query(.readHoldings, parameters) { result throws(JournalError) in
            var held: [HoldingKey: Int64] = [:]
            for row in 0..<result.rowCount {
                guard let user = UserID(result.text(row, 0)), let sale = SaleID(stored: result.text(row, 1)),
                    let sku = SKU(stored: result.text(row, 2))
                else { throw .unreadable("an order") }
                held[HoldingKey(user: user, item: ItemKey(sale: sale, sku: sku))] = result.int64(row, 3)
            }
            return held
        }
    }

    private static func readKeys(of orders: [Reservation], on session: isolated PostgresSession) throws(JournalError) -> Set<PurchaseKey> {
        let keyed = orders.filter { $0.key != nil }
        guard !keyed.isEmpty else { return [] }
        var parameters = PostgresParameters()
        parameters.texts(keyed, \.user.rawValue)
        parameters.texts(keyed, \.sale.rawValue)
        parameters.texts(keyed, \.key?.rawValue)
        return try session.query(.readKeys, parameters) { result throws(JournalError) in
            var keys: Set<PurchaseKey> = []
            for row in 0..<result.rowCount {
                guard
                    let user = UserID(result.text(row, 0)), let sale = SaleID(stored: result.text(row, 1)),
                    let key = IdempotencyKey(result.text(row, 2))
                else { throw .unreadable("an order") }
                keys.insert(PurchaseKey(user: user, sale: sale, key: key))
            }
            return keys
        }
    }
}
