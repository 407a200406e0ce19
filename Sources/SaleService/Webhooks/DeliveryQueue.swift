import SaleCore

/// An event on its way to one endpoint.
struct Delivery: Sendable, Equatable {
    /// Answers that said nothing of the event itself: the receiver asked for patience, or was away.
    struct Delays: Sendable, Equatable {
        var count = 0
        /// Answers among them, rather than no connection.
        var answers = 0
        var since: MonotonicInstant
        /// How many events the receiver had taken by then.
        var takenBefore: Int
    }

    var event: FeedEvent
    /// That failed before this one.
    var attempts = 0
    /// It stands in the list of failures, and not ahead of the cursor.
    var isRetry = false
    /// `nil` until the first one.
    var delays: Delays?

    /// Whether it was delayed `count` times, and the receiver has taken others meanwhile: then it
    /// is the event's fault.
    func isAlone(taken: Int, after count: Int = 2) -> Bool {
        guard let delays else { return false }
        return delays.count >= count && taken > delays.takenBefore
    }
}

/// What waits for one endpoint. Of one order, at most one event is on its way at a time, and the
/// earlier one first.
struct DeliveryQueue: Sendable {
    private(set) var waiting: [Delivery] = []
    private var underWay: Set<OrderID> = []

    var isEmpty: Bool { waiting.isEmpty }

    mutating func add(_ deliveries: some Sequence<Delivery>) {
        waiting += deliveries
    }

    /// The next ones for one request, at most `countMax`; empty when all that wait must.
    ///
    /// What failed goes alone, so that it takes no other along. What was delayed goes when nothing
    /// else can, and then in turns: whether the receiver takes others tells whose fault it is.
    mutating func take(countMax: Int) -> [Delivery] {
        // Two of one order may be in one request.
        var blocked = underWay
        var taken: [Int] = []
        var delayed: (index: Int, count: Int)?
        for (index, delivery) in waiting.enumerated() {
            let order = delivery.event.order?.id
            if let order, blocked.contains(order) { continue }
            if let count = delivery.delays?.count {
                if count < delayed?.count ?? .max { delayed = (index, count) }
                if let order { blocked.insert(order) }
            } else if delivery.isRetry {
                if taken.isEmpty { taken = [index] }
                break
            } else {
                taken.append(index)
                if taken.count == countMax { break }
            }
        }
        if taken.isEmpty, let delayed { taken = [delayed.index] }
        let deliveries = taken.map { waiting[$0] }
        for index in taken.reversed() { waiting.remove(at: index) }
        underWay.formUnion(deliveries.compactMap { $0.event.order?.id })
        return deliveries
    }

    /// They are no longer under way.
    mutating func ended(_ deliveries: [Delivery]) {
        underWay.subtract(deliveries.compactMap { $0.event.order?.id })
    }

    /// They must wait again, in their old places.
    mutating func putBack(_ deliveries: [Delivery]) {
        waiting = (deliveries + waiting).sorted { $0.event.position < $1.event.position }
    }
}
