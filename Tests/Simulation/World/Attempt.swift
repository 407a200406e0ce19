import SaleCore
import SaleService

/// One purchase of one buyer, and what the buyer heard.
final class Attempt: PurchaseWaiter {
    let number: Int
    let user: UserID
    let sku: SKU
    let quantity: Int
    let key: IdempotencyKey?
    let waitNanoseconds: UInt64
    let node: SimulatedProcess
    let sentAt: MonotonicInstant
    private(set) var outcome: PurchaseOutcome?
    private(set) var answeredAt: MonotonicInstant?
    private let onAnswer: (Attempt, PurchaseOutcome) -> Void

    init(
        number: Int, user: UserID, sku: SKU, quantity: Int, key: IdempotencyKey?, waitNanoseconds: UInt64, node: SimulatedProcess,
        sentAt: MonotonicInstant,
        onAnswer: @escaping (Attempt, PurchaseOutcome) -> Void
    ) {
        self.number = number
        self.user = user
        self.sku = sku
        self.quantity = quantity
        self.key = key
        self.waitNanoseconds = waitNanoseconds
        self.node = node
        self.sentAt = sentAt
        self.onAnswer = onAnswer
    }

    func purchaseEnded(_ outcome: PurchaseOutcome) {
        // The connection to a process that was killed is gone.
        guard !node.isDead else { return }
        onAnswer(self, outcome)
        self.outcome = outcome
        answeredAt = node.scheduler.now
    }

    /// The order that the buyer was told of as theirs.
    var order: Order? {
        switch outcome {
        case .committed(let order, _), .reserved(let order, _): order
        case .refused, nil: nil
        }
    }

    /// Nothing that the buyer heard rules out that an order came of it.
    var isUnknown: Bool {
        switch outcome {
        case nil, .refused(.recovering), .refused(.inProgress): true
        case .committed, .reserved, .refused: false
        }
    }
}
