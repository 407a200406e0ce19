import SaleCore
import SaleService

/// How a part of an event is read.
enum EventRow {
    private static let firstOfOrder: Int32 = 12

    /// - Returns: `nil` for an event that was not asked for, or whose order is gone.
    static func read(_ result: borrowing PostgresResult, _ row: Int) throws(JournalError) -> FeedEvent? {
        guard result.bool(row, 10) else { return nil }
        let isOfOrder = result.bool(row, 11)
        if isOfOrder, result.isNull(row, firstOfOrder) { return nil }
        guard let sale = SaleID(stored: result.text(row, 5)) else { throw .unreadable("an event") }
        return FeedEvent(
            position: position(result, row), type: EventType(result.text(row, 4)), at: result.timestamp(row, 3), sale: sale,
            sku: result.optionalText(row, 6).flatMap { SKU(stored: $0) }, order: isOfOrder ? try OrderRow.read(result, row, from: firstOfOrder) : nil,
            cause: result.optionalText(row, 7), actor: result.optionalText(row, 8))
    }

    static func position(_ result: borrowing PostgresResult, _ row: Int) -> EventPosition {
        EventPosition(turn: result.int64(row, 0), row: result.int64(row, 1), part: result.int32(row, 2))
    }

    static func readAt(_ result: borrowing PostgresResult, _ row: Int) -> Timestamp { result.timestamp(row, 9) }
}

extension PostgresParameters {
    /// Turn, id and part.
    mutating func position(_ position: EventPosition) {
        int64(position.turn)
        int64(position.row)
        int32(position.part)
    }

    /// Three lists: turns, ids and parts.
    mutating func positions(_ positions: [EventPosition]) {
        int64s(positions, \.turn)
        int64s(positions, \.row)
        int32s(positions, \.part)
    }
}
