import NIOCore
import SaleCore

/// A sale as anybody reads it:
/// `{"sale":…,"title":…,"state":…,"opens_at":…,"closes_at":…,"items":[…],"server_time":…}`.
enum SaleJSON {
    /// Up to the state, whose text follows.
    static func opening(of sale: Sale) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString("{\"sale\":\"")
        buffer.writeString(sale.id.rawValue)
        buffer.writeStaticString("\",\"title\":")
        buffer.writeJSONString(sale.title)
        buffer.writeStaticString(",\"state\":\"")
        return buffer
    }

    /// What follows the state's text, up to the items.
    static func window(of sale: Sale) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeStaticString("\",\"opens_at\":")
        buffer.writeQuoted(sale.opensAt)
        buffer.writeStaticString(",\"closes_at\":")
        buffer.writeQuoted(sale.closesAt)
        return buffer
    }

    /// The member `items`, with a comma in front.
    ///
    /// - Parameter units: what is left of each item, in their order.
    static func write(_ items: [SaleItem], units: [Int64], into buffer: inout ByteBuffer) {
        buffer.writeStaticString(",\"items\":[")
        for (index, item) in items.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            write(item, available: units[index], into: &buffer)
        }
        buffer.writeInteger(UInt8(ascii: "]"))
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
