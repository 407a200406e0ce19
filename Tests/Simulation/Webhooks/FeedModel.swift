import SaleCore
import SaleService

/// The feed as Postgres tells it: transactions that are still open hold back what comes behind.
struct FeedModel {
    private struct Row {
        var event: FeedEvent
        var enteredAt: Int64
        var isCommitted = false
    }

    /// In the order of their positions.
    private var rows: [Row] = []
    private var indices: [EventPosition: Int] = [:]
    private let flaws: Set<WebhookWorld.Flaw>

    init(flaws: Set<WebhookWorld.Flaw>) {
        self.flaws = flaws
    }

    subscript(position: EventPosition) -> FeedEvent? { indices[position].map { rows[$0].event } }

    var entered: some Sequence<FeedEvent> { rows.lazy.map(\.event) }
    var count: Int { rows.count }
    var end: EventPosition { rows.last?.event.position ?? .beginning }

    /// Nothing can be entered before these any more.
    var readable: some Sequence<FeedEvent> { rows.lazy.prefix(while: \.isCommitted).map(\.event) }

    private var told: [FeedEvent] {
        flaws.contains(.tellsPastOpen) ? rows.filter(\.isCommitted).map(\.event) : Array(readable)
    }

    var isWhollyTold: Bool { rows.allSatisfy(\.isCommitted) }

    mutating func enter(_ events: [FeedEvent], at milliseconds: Int64) {
        for event in events {
            indices[event.position] = rows.count
            rows.append(Row(event: event, enteredAt: milliseconds))
        }
    }

    mutating func commit(turn: Int64) {
        for index in rows.indices where rows[index].event.position.turn == turn { rows[index].isCommitted = true }
    }

    func page(after position: EventPosition, countMax: Int, types: Set<EventType>?) -> EventPage {
        let found = told.drop { $0.position <= position }.prefix(countMax)
        return EventPage(
            events: found.filter { types?.contains($0.type) ?? true }, next: found.last?.position ?? position, isEnd: found.count < countMax)
    }

    func firstEntered(after position: EventPosition, types: Set<EventType>?) -> Int64? {
        rows.first { $0.event.position > position && types?.contains($0.event.type) ?? true }?.enteredAt
    }
}
