import NIOCore
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// The batch codec, with batches as they are under load.
struct CodecUnderProbe {
    private static let batch = 100
    private let calls = PreparedCalls(SaleID("probe")!)
    private let requests: [ReservationRequest]
    private let reservations: [Reservation]
    private let reply: [UInt8]

    init() {
        requests = (0..<Self.batch).map {
            ReservationRequest(
                order: OrderID(high: 0x0190_0000_0000_7000 + UInt64($0), low: 0x8000_0000_0000_0000 + UInt64($0)),
                purchase: Purchase(user: UserID("a-user-of-usual-length-\($0)")!, sku: SKU("phone-x")!, quantity: 1, key: nil))
        }
        reservations = requests.map {
            Reservation($0, of: SaleID("probe")!, epoch: 1, grantedAt: Timestamp(milliseconds: 1_700_000_000_000))
        }
        reply = Array("1700000000000 G".utf8)
    }

    /// - Parameter count: orders, rounded up to whole batches.
    func run(_ count: Int) {
        var buffer = ByteBuffer()
        var bytes = 0
        for _ in 0..<(count + Self.batch - 1) / Self.batch {
            buffer.clear()
            ReserveCall.write(ReservationBatch(sale: SaleID("probe")!, epoch: 1, requests: requests), calls, into: &buffer)
            guard case .decided? = ReserveCall.reply(from: reply, requestCount: Self.batch) else { fatalError("the reply is one of the script's") }
            bytes += buffer.readableBytes + ItemBatch(reservations)!.parameters.byteCount
        }
        precondition(bytes > 0)
    }
}
