import SaleCore

/// Names an event: the sale's epoch, and the turn at which it was told.
///
/// A turn's number is its time in milliseconds, and behind it six digits of what the page said. So
/// any node sees whether a client that comes back has missed something, though none keeps what it
/// told, and an id never comes twice in a stream.
struct StreamEventID: Equatable, CustomStringConvertible {
    let epoch: Epoch
    private let turn: Int64

    private static let contents: Int64 = 1_000_000

    /// - Parameters:
    ///   - tag: the entity tag of the page that is told.
    ///   - earlier: the id of the event before it.
    init(epoch: Epoch, at now: Timestamp, tag: String, after earlier: StreamEventID? = nil) {
        var hash = ContentHash()
        hash.add(tag)
        let time = max(now.milliseconds, earlier.map { $0.turn / Self.contents + 1 } ?? 0)
        self.epoch = epoch
        turn = time * Self.contents + Int64(hash.number % UInt64(Self.contents))
    }

    /// Reads what `Last-Event-ID` says; `nil` for what is no id of ours.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = Int64(parts[0]), let turn = Int64(parts[1]), turn >= 0 else { return nil }
        self.epoch = Epoch(epoch)
        self.turn = turn
    }

    /// Whoever was told the one need not be told the other.
    func saysTheSame(as other: StreamEventID) -> Bool {
        epoch == other.epoch && turn % Self.contents == other.turn % Self.contents
    }

    var description: String { "\(epoch).\(turn)" }
}
