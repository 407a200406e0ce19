import SaleCore

/// An event on its way to one endpoint.
struct Delivery: Sendable, Equatable {
    var event: FeedEvent
    /// That failed before this one.
    var attempts = 0
    /// It stands in the list of failures, and not ahead of the cursor.
    var isRetry = false
    /// How often nobody could tell what came of it.
    var doubts = 0
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
    mutating func take(countMax: Int) -> [Delivery] {
        var taken: [Delivery] = []
        var left: [Delivery] = []
        for (index, delivery) in waiting.enumerated() {
            guard taken.count < countMax else {
                left += waiting[index...]
                break
            }
            // Two of one order may be in one request.
            if let order = delivery.event.order?.id, underWay.contains(order) {
                left.append(delivery)
            } else {
                taken.append(delivery)
            }
        }
        waiting = left
        underWay.formUnion(taken.compactMap { $0.event.order?.id })
        return taken
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
