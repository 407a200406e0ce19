/// A place in the feed: after one event and before the next. Its text is a reader's cursor, and
/// `evt_` with it the id of the event that it stands behind.
package struct EventPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let turn: Int64
    package let row: Int64
    /// Which of the row's orders, counted from 1.
    package let part: Int32

    package init(turn: Int64, row: Int64, part: Int32) {
        self.turn = turn
        self.row = row
        self.part = part
    }

    /// Before every event.
    package static let beginning = EventPosition(turn: 0, row: 0, part: 0)

    /// Reads a cursor or an event's id; `nil` for anything that is neither.
    package init?(_ text: some StringProtocol) {
        let numbers = text.hasPrefix(Self.idPrefix) ? text.dropFirst(Self.idPrefix.count) : text[...]
        let parts = numbers.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let turn = Self.number(parts[0]), let row = Self.number(parts[1]), let part = Self.number(parts[2]) else {
            return nil
        }
        guard let part = Int32(exactly: part) else { return nil }
        self.init(turn: turn, row: row, part: part)
    }

    /// Digits without a sign and without zeros in front: each position has one text.
    private static func number(_ digits: some StringProtocol) -> Int64? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.utf8.count == 1 || !digits.hasPrefix("0") else {
            return nil
        }
        return Int64(digits)
    }

    private static let idPrefix = "evt_"

    package var description: String { "\(turn)-\(row)-\(part)" }

    /// Of the event that it stands behind.
    package var eventID: String { Self.idPrefix + description }

    package static func < (a: Self, b: Self) -> Bool { (a.turn, a.row, a.part) < (b.turn, b.row, b.part) }
}
