import SaleCore
import SaleService

/// Values that tests of this target share.
enum Sample {
    static let orderID = OrderID(high: 0x018F_4A00_0000_7001, low: 0x8000_0000_0000_0001)
    static let now = Timestamp(rfc3339: "2026-03-01T12:00:00Z")!
    static let alice = UserID("alice")!
    static let mallory = UserID("mallory")!

    static func order(
        _ id: OrderID = orderID, user: UserID = alice, state: OrderState = .awaitingPayment, refundDue: Bool = false
    ) -> Order {
        Order(
            id: id, sale: SaleID("demo")!, sku: SKU("phone-x")!, user: user, quantity: 2, unitPrice: 399_900, currency: Currency("CNY")!,
            state: state, createdAt: now, payBy: now.advanced(milliseconds: 900_001), refundDue: refundDue)
    }

    /// - Parameter available: units of `phone-x`; `nil` when Redis does not tell.
    static func snapshot(_ sale: Sale = sale(), available: Int64?) -> SaleSnapshot {
        SaleSnapshot(
            sale: sale,
            stock: available.map { [SKU("phone-x")!: StockReading.Item(available: $0, loaded: 1_000, stockVersion: 1, lastMove: 0)] },
            isProven: available != nil)
    }

    static func sale(title: String = "Autumn flash sale", status: SaleStatus = .open) -> Sale {
        Sale(
            id: SaleID("demo")!, title: title, status: status, opensAt: now.advanced(milliseconds: -1_000),
            closesAt: now.advanced(milliseconds: 3_600_000), payWithinMilliseconds: 900_000, version: 1, epoch: 1, provenRun: "",
            items: [
                SaleItem(
                    sku: SKU("phone-x")!, title: "Phone X", unitPrice: 399_900, currency: Currency("CNY")!, loaded: 1_000, committed: 10,
                    limitPerUser: 1, version: 1)
            ])
    }
}

/// SplitMix64, so that a failing property test can be repeated from its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
