import FlowControl
package import SaleCore

/// One sale on one purchase lane: what the node knows of it, and the purchases that wait for the
/// next batch. Confined to the lane's event loop.
package final class LaneSale {
    /// A script call without an answer.
    struct Unknown {
        var epoch: Epoch
        /// Redis's clock, estimated.
        var sentAt: Timestamp
    }

    struct Waiting {
        var request: ReservationRequest
        var terms: OrderTerms
        var waiter: any PurchaseWaiter
        /// Until when the buyer waits for the commit.
        var deadline: MonotonicInstant
        /// The batch was sent before and its reply was lost: Redis may have granted it already.
        var unknown: Unknown?
        var isUnknown: Bool { unknown != nil }

        /// Has no outcome, and its buyer waits no longer.
        func isOverdue(at now: MonotonicInstant) -> Bool { isUnknown && deadline <= now }
    }

    package let id: SaleID
    private let name: [UInt8]
    /// What the ids of its orders carry.
    let hint: SaleHint
    package private(set) var sale: Sale
    private(set) var isProven: Bool
    /// When this lane last saw Redis contradict the catalog; only a reading that began later counts
    /// again.
    private var suspectedAt: MonotonicInstant?
    private var snapshot: SaleSnapshot
    /// The item that was asked for last: in a flash sale nearly always the same.
    private var lastAsked: (sku: SKU, terms: OrderTerms)?
    /// What the last look found, and what this lane has heard from Redis since.
    private var soldOut: Set<SKU>
    var waiting: [Waiting] = []
    var coalescer = BatchCoalescer(countMax: Limits.batchRequestsMax)

    init(_ snapshot: SaleSnapshot) {
        id = snapshot.id
        name = Array(snapshot.id.rawValue.utf8)
        hint = SaleHint(of: snapshot.id)
        sale = snapshot.sale
        self.snapshot = snapshot
        soldOut = snapshot.soldOut
        isProven = snapshot.isProven
    }

    func update(_ snapshot: SaleSnapshot, readAt: MonotonicInstant) {
        if snapshot.terms !== self.snapshot.terms {
            sale = snapshot.sale
            lastAsked = nil
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

    /// - Parameter name: UTF-8.
    func isNamed(_ name: RawSpan) -> Bool {
        // Safe: the pointer does not leave the closure.
        unsafe name.withUnsafeBytes { unsafe $0.elementsEqual(self.name) }
    }

    /// Redis contradicted the catalog: nothing is asked of it until a newer reading says that its
    /// numbers are proven.
    func suspect(at now: MonotonicInstant) {
        suspectedAt = now
        isProven = false
    }

    /// What an order of the item takes from it; `nil` when the sale has no such item.
    func terms(of sku: SKU) -> OrderTerms? {
        if let lastAsked, lastAsked.sku.rawValue == sku.rawValue { return lastAsked.terms }
        guard let item = snapshot.terms.items[sku] else { return nil }
        let terms = OrderTerms(item, of: sale)
        lastAsked = (item.sku, terms)
        return terms
    }

    /// - Returns: whether that is new here.
    func markSoldOut(_ sku: SKU) -> Bool { soldOut.insert(sku).inserted }

    /// Back to what the last look found: units may have come back since this lane heard otherwise.
    func forgetMarks() { soldOut = snapshot.soldOut }

    func isSoldOut(_ sku: SKU) -> Bool { !soldOut.isEmpty && soldOut.contains(sku) }

    var isSoldOut: Bool { snapshot.terms.isSoldOut(soldOut) }

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
