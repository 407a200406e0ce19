package import NIOCore
package import SaleCore

/// An order as its owner reads it.
package enum OrderJSON {
    /// Writes `{"id":…,"sale":…,"sku":…,"quantity":…,"unit_price":…,"currency":…,"state":…,"created_at":…,"pay_by":…}`, and
    /// `"refund_due":true` at the end when a refund is due. The user is not part of it.
    package static func write(_ order: Order, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"id\":\"")
        buffer.writeText(of: order.id)
        // The grammars of sale, SKU and currency leave nothing to escape.
        buffer.writeStaticString("\",\"sale\":\"")
        buffer.writeString(order.sale.rawValue)
        buffer.writeStaticString("\",\"sku\":\"")
        buffer.writeString(order.sku.rawValue)
        buffer.writeStaticString("\",\"quantity\":")
        buffer.writeDecimal(order.quantity)
        buffer.writeStaticString(",\"unit_price\":")
        buffer.writeDecimal(order.unitPrice)
        buffer.writeStaticString(",\"currency\":\"")
        buffer.writeString(order.currency.code)
        buffer.writeStaticString("\",\"state\":\"")
        buffer.writeString(order.state.rawValue)
        buffer.writeStaticString("\",\"created_at\":")
        buffer.writeQuoted(order.createdAt)
        buffer.writeStaticString(",\"pay_by\":")
        buffer.writeQuoted(order.payBy)
        if order.refundDue { buffer.writeStaticString(",\"refund_due\":true") }
        buffer.writeInteger(UInt8(ascii: "}"))
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
