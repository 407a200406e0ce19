package import NIOCore
package import SaleCore

/// A sale as anybody reads it.
package enum SaleJSON {
    /// Writes `{"sale":…,"title":…,"state":…,"opens_at":…,"closes_at":…,"items":[…],"server_time":…}`.
    package static func write(_ view: SaleView, at now: Timestamp, into buffer: inout ByteBuffer) {
        var ignored = ContentHash()
        write(view, at: now, into: &buffer, hash: &ignored)
    }

    /// The same, and adds everything but the server's time to `hash`.
    static func write(_ view: SaleView, at now: Timestamp, into buffer: inout ByteBuffer, hash: inout ContentHash) {
        let start = buffer.writerIndex
        buffer.writeStaticString("{\"sale\":\"")
        buffer.writeString(view.sale.id.rawValue)
        buffer.writeStaticString("\",\"title\":")
        buffer.writeJSONString(view.sale.title)
        buffer.writeStaticString(",\"state\":\"")
        buffer.writeString(view.phase(at: now).rawValue)
        buffer.writeStaticString("\",\"opens_at\":")
        buffer.writeQuoted(view.sale.opensAt)
        buffer.writeStaticString(",\"closes_at\":")
        buffer.writeQuoted(view.sale.closesAt)
        buffer.writeStaticString(",\"items\":[")
        for (index, item) in view.sale.items.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            write(item, available: view.units(of: item), into: &buffer)
        }
        buffer.writeStaticString("]")
        hash.add(buffer.readableBytesSpan.extracting((start - buffer.readerIndex)...))
        buffer.writeStaticString(",\"server_time\":")
        buffer.writeQuoted(now)
        buffer.writeInteger(UInt8(ascii: "}"))
    }

    private static func write(_ item: SaleItem, available: Int64, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"sku\":\"")
        buffer.writeString(item.sku.rawValue)
        buffer.writeStaticString("\",\"title\":")
        buffer.writeJSONString(item.title)
        buffer.writeStaticString(",\"unit_price\":")
        buffer.writeDecimal(item.unitPrice)
        buffer.writeStaticString(",\"currency\":\"")
        buffer.writeString(item.currency.code)
        buffer.writeStaticString("\",\"stock\":")
        buffer.writeDecimal(item.loaded)
        buffer.writeStaticString(",\"available\":")
        buffer.writeDecimal(available)
        buffer.writeStaticString(",\"limit_per_user\":")
        buffer.writeDecimal(item.limitPerUser)
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}
