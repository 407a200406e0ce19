import Foundation
import LoadModel
import LoadSupport
import SaleCore

/// Reads what the judge needs from the public tables `orders` and `stock`, at one instant.
struct DatabaseReader: Sendable {
    let psql: Psql
    let sale: String
    let sku: String
    let usersPrefix: String

    private static let sql = """
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
        SELECT 'stock', loaded, committed, limit_per_user FROM stock WHERE sale_id = :'sale' AND sku = :'sku';
        SELECT 'units', coalesce(sum(quantity) FILTER (WHERE state IN ('reserved', 'awaiting_payment', 'paid')), 0),
            coalesce(sum(quantity) FILTER (WHERE state IN ('cancelled', 'expired')), 0)
            FROM orders WHERE sale_id = :'sale' AND sku = :'sku';
        SELECT 'over', count(*) FROM (
            SELECT o.user_id FROM orders o JOIN stock s ON s.sale_id = o.sale_id AND s.sku = o.sku
            WHERE o.sale_id = :'sale' AND o.sku = :'sku' AND o.state IN ('reserved', 'awaiting_payment', 'paid')
            GROUP BY o.user_id, s.limit_per_user HAVING sum(o.quantity) > s.limit_per_user) AS over;
        SELECT 'order', id, quantity, state, user_id FROM orders
            WHERE sale_id = :'sale' AND sku = :'sku' AND starts_with(user_id, :'prefix');
        COMMIT;
        """

    func read() async throws(PsqlError) -> DatabaseReading {
        let rows = try await psql.rows(Self.sql, variables: ["sale": sale, "sku": sku, "prefix": usersPrefix])
        func numbers(_ kind: String, _ count: Int) throws(PsqlError) -> [Int64]? {
            guard let row = rows.first(where: { $0[0] == kind }) else { return nil }
            let numbers = row.dropFirst().compactMap { Int64($0) }
            guard numbers.count == count else { throw .notRow("unexpected row from the database: \(row.joined(separator: " "))") }
            return numbers
        }
        guard let stock = try numbers("stock", 3) else { throw .notRow("table stock has no row for sale \(sale), sku \(sku)") }
        guard let units = try numbers("units", 2), let over = try numbers("over", 1) else { throw .notRow("the database answered nothing") }
        var orders: [DatabaseReading.Row] = []
        for row in rows where row[0] == "order" {
            guard row.count == 5, let id = OrderID(String(row[1])), let quantity = Int64(row[2]), let state = OrderState(rawValue: String(row[3]))
            else {
                throw .notRow("unexpected order from the database: \(row.dropFirst().joined(separator: " "))")
            }
            orders.append(DatabaseReading.Row(order: id, user: String(row[4]), quantity: quantity, state: state))
        }
        return DatabaseReading(
            loaded: stock[0], committed: stock[1], limitPerUser: stock[2], inLiveOrders: units[0], givenBack: units[1],
            usersOverLimit: over[0], rows: orders)
    }
}
