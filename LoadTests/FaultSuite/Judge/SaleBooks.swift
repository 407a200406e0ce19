import LoadModel

/// What Postgres says of one sale, at one instant.
struct SaleBooks: Sendable, Equatable {
    struct Order: Sendable, Equatable {
        var id: String
        var sku: String
        var user: String
        var quantity: Int
        var state: String
        var key: String?
        /// Milliseconds since 1970.
        var createdAt: Int

        var isLive: Bool { state == "reserved" || state == "awaiting_payment" || state == "paid" }
    }

    struct Stock: Sendable, Equatable {
        var sku: String
        var loaded: Int
        var committed: Int
        var limitPerUser: Int
    }

    var stock: [Stock]
    var orders: [Order]

    private static let sql = """
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
        SELECT 'stock', sku, loaded, committed, limit_per_user FROM stock WHERE sale_id = :'sale';
        SELECT 'order', id, sku, user_id, quantity, state, coalesce(idempotency_key, ''), (extract(epoch FROM created_at) * 1000)::bigint
            FROM orders WHERE sale_id = :'sale';
        COMMIT;
        """

    static func read(_ market: any Market) async throws -> SaleBooks {
        let rows = try await market.query(sql, variables: ["sale": market.saleName])
        var books = SaleBooks(stock: [], orders: [])
        for row in rows {
            if row[0] == "stock", row.count == 5, let loaded = Int(row[2]), let committed = Int(row[3]), let limit = Int(row[4]) {
                books.stock.append(Stock(sku: row[1], loaded: loaded, committed: committed, limitPerUser: limit))
            } else if row[0] == "order", row.count == 8, let quantity = Int(row[4]), let createdAt = Int(row[7]) {
                books.orders.append(
                    Order(
                        id: row[1], sku: row[2], user: row[3], quantity: quantity, state: row[5], key: row[6].isEmpty ? nil : row[6],
                        createdAt: createdAt))
            } else {
                throw SetupFailure("unexpected row from the database: \(row.joined(separator: " "))")
            }
        }
        return books
    }
}
