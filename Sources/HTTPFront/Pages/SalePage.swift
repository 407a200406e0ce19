import NIOCore
import SaleCore
import SaleService

/// What is said of a sale, written once for each change of it: an answer adds the state, which
/// follows the clock, and the server's time.
final class SalePage: Sendable {
    let snapshot: SaleSnapshot
    private let isSoldOut: Bool
    /// Up to the state.
    let opening: ByteBuffer
    /// From the state up to the server's time.
    let rest: ByteBuffer
    /// How many bytes of `rest` stand before the items.
    private let windowCount: Int
    /// In the order of the states.
    private let tags: [String]

    init(_ snapshot: SaleSnapshot) {
        let (sale, stock) = (snapshot.sale, snapshot.stock)
        self.snapshot = snapshot
        isSoldOut = sale.isSoldOut { stock?[$0]?.available }
        let opening = SaleJSON.opening(of: sale)
        var rest = SaleJSON.window(of: sale)
        windowCount = rest.readableBytes
        SaleJSON.write(sale.items, available: { stock?[$0]?.available }, into: &rest)
        var hash = ContentHash()
        hash.add(opening.readableBytesSpan)
        hash.add(rest.readableBytesSpan)
        (self.opening, self.rest) = (opening, rest)
        // Weak: answers with the same tag may still differ in the server's time.
        tags = Self.phases.map { "W/\"\(hash.text)-\($0.rawValue)\"" }
    }

    var id: SaleID { snapshot.id }

    func phase(at now: Timestamp) -> SalePhase { snapshot.terms.sale.phase(at: now, isSoldOut: isSoldOut) }

    /// The entity tag of the page, the same on every node.
    func tag(in phase: SalePhase) -> String { tags[Self.place(of: phase)] }

    private static let phases: [SalePhase] = [.notStarted, .open, .paused, .soldOut, .closed]

    /// In `phases`: every answer asks for it, and a dictionary would hash the name of the state.
    private static func place(of phase: SalePhase) -> Int {
        switch phase {
        case .notStarted: 0
        case .open: 1
        case .paused: 2
        case .soldOut: 3
        case .closed: 4
        }
    }

    // MARK: The answer's body

    private static let timeName: StaticString = ",\"server_time\":"
    /// Of the server's time the name and the quotes, and the brace behind it.
    private static let timeByteCount = timeName.utf8CodeUnitCount + 2 + 1

    func byteCount(in phase: SalePhase, at now: Timestamp) -> Int {
        opening.readableBytes + phase.rawValue.utf8.count + rest.readableBytes + Self.timeByteCount + now.textByteCount
    }

    func write(in phase: SalePhase, at now: Timestamp, into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(opening)
        buffer.writeString(phase.rawValue)
        buffer.writeImmutableBuffer(rest)
        Self.writeTime(now, into: &buffer)
    }

    /// The same without the items.
    func writeSummary(in phase: SalePhase, at now: Timestamp, into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(opening)
        buffer.writeString(phase.rawValue)
        if let window = rest.getSlice(at: rest.readerIndex, length: windowCount) { buffer.writeImmutableBuffer(window) }
        Self.writeTime(now, into: &buffer)
    }

    private static func writeTime(_ now: Timestamp, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(timeName)
        buffer.writeQuoted(now)
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}

extension Timestamp {
    /// Of its RFC 3339 form, which has no fraction at a whole second.
    var textByteCount: Int { milliseconds % 1_000 == 0 ? 20 : 24 }
}
