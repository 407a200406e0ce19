package import NIOCore
package import SaleCore

/// An order as its owner reads it.
package enum OrderJSON {
    /// Writes
    /// `{"id":…,"sale":…,"sku":…,"quantity":…,"unit_price":…,"currency":…,"state":…,"created_at":…,"pay_by":…}`,
    /// and `"refund_due":true` at the end when a refund is due. The user is not part of it.
    package static func write(_ order: Order, into buffer: inout ByteBuffer) {
        buffer.writeWithOutputRawSpan(minimumWritableBytes: byteCountMax(order)) { cursor in
            write(order, into: &cursor)
        }
    }

    /// No less than what `write` writes.
    static func byteCountMax(_ order: Order) -> Int {
        320 + order.sale.rawValue.utf8.count + order.sku.rawValue.utf8.count + order.currency.code.utf8.count
    }

    /// Where what `write` writes holds the order's id.
    static let idOffset = 7

    static func write(_ order: Order, into cursor: inout OutputRawSpan) {
        cursor.write("{\"id\":\"")
        cursor.write(order.id)
        // The grammars of sale, SKU and currency leave nothing to escape.
        cursor.write("\",\"sale\":\"")
        cursor.write(order.sale.rawValue)
        cursor.write("\",\"sku\":\"")
        cursor.write(order.sku.rawValue)
        cursor.write("\",\"quantity\":")
        cursor.write(decimal: order.quantity)
        cursor.write(",\"unit_price\":")
        cursor.write(decimal: Int(order.unitPrice))
        cursor.write(",\"currency\":\"")
        cursor.write(order.currency.code)
        cursor.write("\",\"state\":\"")
        cursor.write(order.state.rawValue)
        cursor.write("\",\"created_at\":\"")
        cursor.write(order.createdAt)
        cursor.write("\",\"pay_by\":\"")
        cursor.write(order.payBy)
        cursor.write("\"")
        if order.refundDue { cursor.write(",\"refund_due\":true") }
        cursor.write(UInt8(ascii: "}"))
    }

    /// Writes one page: `{"orders":[…],"next_cursor":"…"|null}`.
    package static func write(page orders: some Sequence<Order>, nextCursor: OrderID?, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"orders\":[")
        var isFirst = true
        for order in orders {
            if !isFirst { buffer.writeInteger(UInt8(ascii: ",")) }
            isFirst = false
            write(order, into: &buffer)
        }
        buffer.writeStaticString("],\"next_cursor\":")
        if let nextCursor {
            buffer.writeInteger(UInt8(ascii: "\""))
            buffer.writeText(of: nextCursor)
            buffer.writeInteger(UInt8(ascii: "\""))
        } else {
            buffer.writeStaticString("null")
        }
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}
