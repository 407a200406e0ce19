package import NIOCore
import SaleCore

/// A queued order with its verdict.
package struct JudgedOrder: Sendable, Equatable {
    package var queued: QueuedOrder
    package var verdict: CommitVerdict

    package init(queued: QueuedOrder, verdict: CommitVerdict) {
        self.queued = queued
        self.verdict = verdict
    }
}

/// All purchase lanes, one per event loop, and the ways to reach them from elsewhere: once per batch, not per order.
package final class LaneSet: Sendable {
    private let lanes: [NIOLoopBound<PurchaseLane>]
    private let loops: [any EventLoop]
    private let indexByLoop: [ObjectIdentifier: Int]

    /// - Parameter lanes: made on their loops, in the order of their indices.
    package init(lanes: [NIOLoopBound<PurchaseLane>], loops: [any EventLoop]) {
        self.lanes = lanes
        self.loops = loops
        indexByLoop = Dictionary(uniqueKeysWithValues: loops.enumerated().map { (ObjectIdentifier($1), $0) })
    }

    /// The lane of `loop`, which must be the current one and one of this set's.
    package func lane(on loop: any EventLoop) -> PurchaseLane {
        guard let index = indexByLoop[ObjectIdentifier(loop)] else {
            fatalError("the connection runs on an event loop that has no purchase lane")
        }
        return lanes[index].value
    }

    package func deliver(_ orders: [JudgedOrder]) {
        var byLane: [[JudgedOrder]] = Array(repeating: [], count: lanes.count)
        for order in orders { byLane[order.queued.lane].append(order) }
        for (index, orders) in byLane.enumerated() where !orders.isEmpty {
            let lane = lanes[index]
            loops[index].execute { lane.value.deliver(orders) }
        }
    }

    package func publish(_ snapshot: CatalogSnapshot) {
        for (lane, loop) in zip(lanes, loops) {
            loop.execute { lane.value.update(snapshot) }
        }
    }

    package func beginDraining() {
        for (lane, loop) in zip(lanes, loops) {
            loop.execute { lane.value.isDraining = true }
        }
    }
}
