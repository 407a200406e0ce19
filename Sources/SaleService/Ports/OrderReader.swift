package import SaleCore

/// Reads committed orders.
package protocol OrderReader: Sendable {
    func order(_ id: OrderID) async throws(JournalError) -> Order?

    /// What Postgres decided of a reservation; `nil` while it has decided nothing.
    func verdict(on id: OrderID) async throws(JournalError) -> CommitVerdict?

    /// The orders of `user` that are older than `cursor`, newest first.
    func orders(of user: UserID, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order]

    /// `nil` when Postgres answers; otherwise why not.
    func ping() async -> JournalError?
}
