import SaleCore
import SaleService

/// An entry of the reservation log: order id → `SKU USER QUANTITY GRANTED-AT EPOCH KEY`, perhaps
/// filled up with spaces; there may be no key.
enum LogRecord {
    /// `nil` when nothing of ours wrote this.
    static func reservation(order: RedisValue, record: RedisValue, sale: SaleID) -> Reservation? {
        guard
            let order = order.text.flatMap({ OrderID($0) }),
            let words = record.text?.split(separator: " "), words.count == 5 || words.count == 6,
            let sku = SKU(stored: String(words[0])), let user = UserID(String(words[1])), let quantity = Int(words[2]),
            let grantedAt = Int64(words[3]), let epoch = Int64(words[4])
        else { return nil }
        let key = words.count == 6 ? IdempotencyKey(String(words[5])) : nil
        return Reservation(
            ReservationRequest(order: order, purchase: Purchase(user: user, sku: sku, quantity: quantity, key: key)), of: sale, epoch: Epoch(epoch),
            grantedAt: Timestamp(milliseconds: grantedAt))
    }
}
