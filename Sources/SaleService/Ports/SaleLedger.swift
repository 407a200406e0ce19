package import SaleCore

/// What Postgres has to say of sales since an earlier reading.
package struct SaleNews: Sendable, Equatable {
    /// From where the next reading asks.
    package var position: Int64
    /// In the order of their ids.
    package var sales: [Sale]
    /// `sales` are all there are.
    package var isWhole: Bool

    package init(position: Int64, sales: [Sale], isWhole: Bool) {
        self.position = position
        self.sales = sales
        self.isWhole = isWhole
    }
}

/// Sales, stock and epochs in Postgres, as the service itself uses them.
package protocol SaleLedger: Sendable {
    /// Every sale, closed ones included, in the order of their ids.
    func sales() async throws(JournalError) -> [Sale]
    func sale(_ id: SaleID) async throws(JournalError) -> Sale?

    /// The sales that somebody changed since `position`, and `sales` in any case. The units in live
    /// orders (`committed`) are no change.
    ///
    /// - Parameter position: of an earlier answer; `nil` asks for all.
    func news(since position: Int64?, and sales: [SaleID]) async throws(JournalError) -> SaleNews

    /// Runs `body` while holding the sale's lock, which at most one process of any node holds.
    /// Waits for it.
    ///
    /// The lock ends with its database session: a holder that loses the session must assume that it
    /// no longer holds it, which is why everything done under it is also guarded by the epoch.
    func withLock<Value: Sendable>(on sale: SaleID, _ body: @Sendable () async throws -> Value) async throws -> Value

    /// Takes the locks of those of `sales` that no other process holds, without waiting; they are
    /// held until `unlock`. Not to be asked for a sale whose lock this process took in this way and
    /// still holds.
    ///
    /// - Returns: the sales whose locks were taken, in their order.
    func tryLock(_ sales: [SaleID]) async throws(JournalError) -> [SaleID]

    /// Gives locks back that `tryLock` took. Should Postgres not be told, then they end with the
    /// session.
    func unlock(_ sales: [SaleID]) async

    /// Adds one to the sale's epoch and declares it unproven.
    ///
    /// - Returns: the new epoch.
    func beginEpoch(of sale: SaleID) async throws(JournalError) -> Epoch

    /// Declares `epoch` proven on the Redis of `run`.
    ///
    /// - Returns: `false` when the sale has moved on to another epoch; nothing is changed then.
    func proveEpoch(_ epoch: Epoch, of sale: SaleID, run: String) async throws(JournalError) -> Bool

    /// Those of `ids` that stand in `orders`, in any state.
    func recorded(_ ids: [OrderID]) async throws(JournalError) -> Set<OrderID>

    /// Reads the sale and every order of it at one instant (REPEATABLE READ).
    ///
    /// - Parameter page: called with at most a few thousand entries at a time.
    /// - Returns: the sale at that instant, `committed` counting exactly the live orders that were
    ///   paged.
    func rebuildSnapshot(
        of sale: SaleID, page: @Sendable ([RebuildEntry]) async throws -> Void
    ) async throws -> Sale
}
