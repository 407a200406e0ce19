import SaleCore
import SaleService

/// Decides order by order what fits. Holds what Postgres held when everything that counts was
/// locked; does no IO.
struct BatchJudge {
    /// What is left of an item.
    struct Room: Equatable {
        var units: Int64
        var limitPerUser: Int
    }
    enum Judgement: Equatable {
        case commit
        /// To be recorded, with its key only if no other order has it.
        case reject(CommitVerdict.Rejection, keepsKey: Bool)
        /// Cannot be recorded: there is no such item.
        case unknownItem
    }

    private var room: [ItemKey: Room]
    /// Units in live orders.
    private var held: [HoldingKey: Int64]
    private var usedKeys: Set<PurchaseKey>

    init(room: [ItemKey: Room], held: [HoldingKey: Int64], usedKeys: Set<PurchaseKey>) {
        self.room = room
        self.held = held
        self.usedKeys = usedKeys
    }

    /// Judges the next order of the batch. Earlier ones have taken their units.
    mutating func judge(_ order: Reservation) -> Judgement {
        let item = ItemKey(sale: order.sale, sku: order.sku)
        guard let left = room[item] else { return .unknownItem }
        if let key = order.key, !usedKeys.insert(PurchaseKey(user: order.user, sale: order.sale, key: key)).inserted {
            return .reject(.conflict, keepsKey: false)
        }
        let holding = HoldingKey(user: order.user, item: item)
        let units = Int64(order.quantity)
        if held[holding, default: 0] + units > Int64(left.limitPerUser) { return .reject(.conflict, keepsKey: true) }
        if units > left.units { return .reject(.noUnits, keepsKey: true) }
        held[holding, default: 0] += units
        room[item]?.units -= units
        return .commit
    }
}
