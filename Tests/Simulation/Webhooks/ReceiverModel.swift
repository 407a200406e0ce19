import SaleCore
import SaleService

/// A receiver with whims: some events it never likes, at times it is away, or wants no more.
struct ReceiverModel {
    private var whims: [EventPosition: WebhookAnswer] = [:]
    var isAwayUntil = MonotonicInstant.earliest
    var isGoneUntil = MonotonicInstant.earliest

    mutating func dislikes(_ position: EventPosition, _ answer: WebhookAnswer) { whims[position] = answer }

    /// It is there from now on, though it may refuse.
    mutating func settles() {
        whims = whims.filter { if case .away = $0.value { false } else { true } }
    }

    /// - Parameter mood: what it makes of events that it has nothing against.
    func answer(_ events: [FeedEvent], at now: MonotonicInstant, mood: WebhookAnswer) -> WebhookAnswer {
        if now < isGoneUntil { return .gone }
        if now < isAwayUntil { return events[0].position.turn % 2 == 0 ? .away("no connection") : .busy("answered 502", retryAfter: nil) }
        return events.lazy.compactMap { whims[$0.position] }.first ?? mood
    }

    static func objection(_ random: inout SimulationRandom) -> WebhookAnswer {
        random.pick([
            .refused("answered 500"), .refused("answered 400"), .busy("answered 503", retryAfter: nil),
            .busy("answered 429", retryAfter: .seconds(20)), .away("hung up"),
        ])
    }
}
