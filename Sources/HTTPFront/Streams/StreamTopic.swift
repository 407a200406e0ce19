import NIOCore
import SaleCore
import SaleService

/// What the streams of one sale, or of some of its items, have been told last. Makes the next event
/// once for all of them. Reads no clock.
struct StreamTopic {
    private let skus: [SKU]?
    private var whole: SalePage
    private var page: SalePage
    private var phase: SalePhase
    private var id: StreamEventID

    /// - Parameter skus: of the items that are told of, in their order; `nil` is all of them.
    init(_ whole: SalePage, skus: [SKU]?, at now: Timestamp) {
        self.skus = skus
        self.whole = whole
        page = skus.map { SalePage(whole, narrowedTo: $0) } ?? whole
        phase = whole.phase(at: now)
        id = StreamEventID(epoch: whole.snapshot.sale.epoch, at: now, tag: page.tag(in: phase))
    }

    /// The client that heard the event of this id last has missed nothing.
    func isKnown(to lastEventID: String) -> Bool { StreamEventID(lastEventID)?.saysTheSame(as: id) ?? false }

    /// The event that tells all there is.
    func writeSale(at now: Timestamp, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("event: sale\nid: ")
        buffer.writeString("\(id)")
        buffer.writeStaticString("\ndata: ")
        page.write(in: phase, at: now, into: &buffer)
        buffer.writeStaticString("\n\n")
    }

    /// The event that tells of the step from what was told last; `nil` when there is nothing to
    /// tell.
    ///
    /// - Parameter isEarly: other units alone can wait for a later turn.
    mutating func turn(to whole: SalePage, at now: Timestamp, isEarly: Bool = false) -> ByteBuffer? {
        let phase = whole.phase(at: now)
        guard whole !== self.whole || phase != self.phase else { return nil }
        let (earlier, toldTag) = (page, page.tag(in: self.phase))
        let next = whole === self.whole ? page : skus.map { SalePage(whole, narrowedTo: $0, after: earlier) } ?? whole
        if isEarly, phase == self.phase, next.frame === earlier.frame { return nil }
        (self.whole, self.phase, page) = (whole, phase, next)
        let tag = page.tag(in: phase)
        guard tag != toldTag else { return nil }
        id = StreamEventID(epoch: whole.snapshot.sale.epoch, at: now, tag: tag, after: id)
        var event = ByteBuffer()
        if page.frame === earlier.frame { writeStock(since: earlier, at: now, into: &event) } else { writeSale(at: now, into: &event) }
        return event
    }

    /// `{"server_time":…,"state":…,"available":{…}}`, with the items whose units are others.
    private func writeStock(since earlier: SalePage, at now: Timestamp, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("event: stock\nid: ")
        buffer.writeString("\(id)")
        buffer.writeStaticString("\ndata: {\"server_time\":")
        buffer.writeQuoted(now)
        buffer.writeStaticString(",\"state\":\"")
        buffer.writeString(phase.rawValue)
        buffer.writeStaticString("\",\"available\":{")
        var isFirst = true
        for (index, item) in page.frame.items.enumerated() where page.units[index] != earlier.units[index] {
            if !isFirst { buffer.writeInteger(UInt8(ascii: ",")) }
            isFirst = false
            buffer.writeInteger(UInt8(ascii: "\""))
            buffer.writeString(item.sku.rawValue)
            buffer.writeStaticString("\":")
            buffer.writeDecimal(page.units[index])
        }
        buffer.writeStaticString("}}\n\n")
    }
}

/// What streams are told beside events of a sale.
enum StreamText {
    static let heartbeat = ByteBuffer(string: ": .\n\n")

    /// How long a browser waits before it comes back by itself.
    static func retry(milliseconds: Int) -> String { "retry: \(milliseconds)\n\n" }

    static func bye(milliseconds: Int) -> ByteBuffer { ByteBuffer(string: "event: bye\ndata: {\"retry_ms\":\(milliseconds)}\n\n") }
}
