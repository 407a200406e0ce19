import NIOCore
import SaleCore
import SaleService

/// What is said of a sale, written once for each change of it: an answer adds the state, which
/// follows the clock, and the server's time.
final class SalePage: Sendable {
    let snapshot: SaleSnapshot
    let frame: SaleFrame
    /// What is left of each item, in the order of the frame's.
    let units: [Int64]
    private let isSoldOut: Bool
    /// Up to the state.
    let opening: ByteBuffer
    /// From the state up to the server's time.
    let rest: ByteBuffer
    /// How many bytes of `rest` stand before the items.
    private let windowCount: Int
    /// In the order of the states.
    private let tags: [String]

    /// - Parameter earlier: the page of the same sale before.
    convenience init(_ snapshot: SaleSnapshot, after earlier: SalePage? = nil) {
        let units = Self.units(of: snapshot.sale.items, in: snapshot)
        self.init(
            snapshot, snapshot.sale.items, units, isSoldOut: !units.isEmpty && units.allSatisfy { $0 == 0 }, after: earlier)
    }

    /// Tells of these items alone, as far as the sale has them; its state is the sale's.
    ///
    /// - Parameter earlier: the page of the same items before.
    convenience init(_ whole: SalePage, narrowedTo skus: [SKU], after earlier: SalePage? = nil) {
        let items = skus.compactMap { whole.snapshot.terms.items[$0] }
        self.init(whole.snapshot, items, Self.units(of: items, in: whole.snapshot), isSoldOut: whole.isSoldOut, after: earlier)
    }

    private init(_ snapshot: SaleSnapshot, _ items: [SaleItem], _ units: [Int64], isSoldOut: Bool, after earlier: SalePage?) {
        let sale = snapshot.sale
        self.snapshot = snapshot
        self.units = units
        self.isSoldOut = isSoldOut
        frame = earlier.map(\.frame).flatMap { $0.isThat(of: sale, items) ? $0 : nil } ?? SaleFrame(sale, items)
        let opening = SaleJSON.opening(of: sale)
        var rest = SaleJSON.window(of: sale)
        windowCount = rest.readableBytes
        SaleJSON.write(items, units: units, into: &rest)
        var hash = ContentHash()
        hash.add(opening.readableBytesSpan)
        hash.add(rest.readableBytesSpan)
        (self.opening, self.rest) = (opening, rest)
        // Weak: answers with the same tag may still differ in the server's time.
        tags = Self.phases.map { "W/\"\(hash.text)-\($0.rawValue)\"" }
    }

    private static func units(of items: [SaleItem], in snapshot: SaleSnapshot) -> [Int64] {
        items.map { $0.units(available: snapshot.stock?[$0.sku]?.available) }
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
