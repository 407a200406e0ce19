import FlowControl
package import SaleCore

/// One sale on one purchase lane: what the node knows of it, and the purchases that wait for the next batch. Confined to the lane's event loop.
package final class SaleCounter {
    /// A script call without an answer.
    struct Unknown {
        var epoch: Int64
        /// Redis's clock, estimated.
        var sentAt: Timestamp
    }

    struct Waiting {
        var request: ReservationRequest
        var item: SaleItem
        var waiter: any PurchaseWaiter
        var arrivedAt: UInt64
        var waitNanoseconds: UInt64
        /// The batch was sent before and its reply was lost: Redis may have granted it already.
        var unknown: Unknown?
        var isUnknown: Bool { unknown != nil }

        var deadline: UInt64 { arrivedAt + waitNanoseconds }
        /// Has no outcome, and its buyer waits no longer.
        func isOverdue(at now: UInt64) -> Bool { isUnknown && deadline <= now }
    }

    package let id: SaleID
    /// What the ids of its orders carry.
    let hint: SaleHint
    package private(set) var sale: Sale
    private(set) var isProven: Bool
    /// When this lane last saw Redis contradict the catalog; only a reading that began later counts again.
    private var suspectedAt: UInt64?
    private var snapshot: SaleSnapshot
    private var items: [SKU: SaleItem]
    /// What the last look found, and what this lane has heard from Redis since.
    private var soldOut: Set<SKU>
    var waiting: [Waiting] = []
    var gate = BatchGate(countMax: Limits.batchRequestsMax)

    init(_ snapshot: SaleSnapshot) {
        id = snapshot.id
        hint = SaleHint(of: snapshot.id)
        sale = snapshot.sale
        self.snapshot = snapshot
        items = snapshot.terms.items
        soldOut = snapshot.soldOut
        isProven = snapshot.isProven
    }

    func update(_ snapshot: SaleSnapshot, readAt: UInt64) {
        if snapshot.terms !== self.snapshot.terms {
            sale = snapshot.sale
            items = snapshot.terms.items
        }
        // A look that began at the very instant of the suspicion knew of it.
        if let suspectedAt, readAt < suspectedAt {
            isProven = false
        } else {
            suspectedAt = nil
            isProven = snapshot.isProven
        }
        self.snapshot = snapshot
        soldOut = snapshot.soldOut
    }

    /// Redis contradicted the catalog: nothing is asked of it until a newer reading says that its numbers are proven.
    func suspect(at now: UInt64) {
        suspectedAt = now
        isProven = false
    }

    func item(_ sku: SKU) -> SaleItem? { items[sku] }

    /// - Returns: whether that is new here.
    func markSoldOut(_ sku: SKU) -> Bool { soldOut.insert(sku).inserted }

    /// Back to what the last look found: units may have come back since this lane heard otherwise.
    func forgetMarks() { soldOut = snapshot.soldOut }

    func isSoldOut(_ sku: SKU) -> Bool { soldOut.contains(sku) }

    var isSoldOut: Bool { soldOut.count >= items.count && !items.isEmpty }

    func removeWaiting(_ count: Int) -> [Waiting] {
        if count == waiting.count {
            defer { waiting = [] }
            return waiting
        }
        let batch = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        return batch
    }
}
