/// One SQL statement, known to a connection by its name once it is prepared.
package struct Statement: Sendable {
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }

    /// The states in which an order holds its units, as `orders_of_user` in `schema.sql` writes
    /// them.
    static let live = "('awaiting_payment', 'paid')"

    /// Every statement of this target.
    package static let all = journal + life + reading + catalog + editing + operating + feeding
}
