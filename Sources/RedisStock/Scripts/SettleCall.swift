import NIOCore
import SaleCore
import SaleService

/// The commands that remove judged orders from the reservation log. A committed order needs no
/// script.
enum SettleCall {
    /// Keeps one command to a fraction of a millisecond.
    static let ordersPerCommandMax = 1_000

    /// Calls `emit` with a closure per command, which writes it with the released orders' script
    /// sent by name.
    static func forEachCommand(of settlement: Settlement, _ prepared: PreparedCalls, _ emit: ((inout ByteBuffer) -> Void) -> Void) {
        forEachSlice(of: settlement.committed) { orders in
            emit { writeCommitted(orders, log: prepared.keys.log, into: &$0) }
        }
        forEachSlice(of: settlement.released) { orders in
            emit { buffer in
                buffer.writeCommandHeader(wordCount: PreparedCalls.settleWordCount + 4 * orders.count)
                buffer.writeImmutableBuffer(prepared.settle)
                for order in orders {
                    buffer.writeWord(order.order)
                    buffer.writeWord(order.user.rawValue)
                    buffer.writeWord(order.sku.rawValue)
                    buffer.writeWord(order.freedKey?.rawValue ?? "")
                }
            }
        }
    }

    static func forEachSlice<Element>(of elements: [Element], _ body: (ArraySlice<Element>) -> Void) {
        for start in stride(from: 0, to: elements.count, by: ordersPerCommandMax) {
            body(elements[start..<min(start + ordersPerCommandMax, elements.count)])
        }
    }

    private static func writeCommitted(_ orders: ArraySlice<OrderID>, log: String, into buffer: inout ByteBuffer) {
        buffer.writeCommandHeader(wordCount: 2 + orders.count)
        buffer.writeWord("HDEL")
        buffer.writeWord(log)
        for order in orders { buffer.writeWord(order) }
    }
}
