package import NIOCore
import SaleCore

/// Orders of all lanes that Postgres judged together.
package struct JudgedBatch: Sendable, Equatable {
    package private(set) var orders: [QueuedOrder]
    /// One per order.
    package private(set) var verdicts: CommitVerdicts

    package init(_ orders: [QueuedOrder], _ verdicts: CommitVerdicts) {
        precondition(orders.count == verdicts.count, "every order has its verdict")
        self.orders = orders
        self.verdicts = verdicts
    }
}

/// All purchase lanes, one per event loop, and the ways to reach them from elsewhere: once per
/// batch, not per order.
package final class LaneSet: Sendable {
    private let lanes: [NIOLoopBoundBox<PurchaseLane?>]
    private let loops: [any EventLoop]
    private let indexByLoop: [ObjectIdentifier: Int]

    /// - Parameter make: called with the index of each loop, on that loop, before anything else
    ///   that comes to it from now on.
    init(loops: [any EventLoop], make: @escaping @Sendable (Int) -> PurchaseLane) {
        lanes = loops.map { NIOLoopBoundBox.makeEmptyBox(valueType: PurchaseLane.self, eventLoop: $0) }
        self.loops = loops
        indexByLoop = Dictionary(uniqueKeysWithValues: loops.enumerated().map { (ObjectIdentifier($1), $0) })
        for (index, (lane, loop)) in zip(lanes, loops).enumerated() {
            if loop.inEventLoop { lane.value = make(index) } else { loop.execute { lane.value = make(index) } }
        }
    }

    /// The lane of `loop`, which must be the current one and one of this set's.
    package func lane(on loop: any EventLoop) -> PurchaseLane {
        guard let lane = indexByLoop[ObjectIdentifier(loop)].flatMap({ lanes[$0].value }) else {
            fatalError("the connection runs on an event loop that has no purchase lane")
        }
        return lane
    }

    /// Every lane that granted some of `batch` gets all of it, which copies none, and picks out its
    /// own.
    package func deliver(_ batch: JudgedBatch) {
        var isConcerned = Array(repeating: false, count: lanes.count)
        for index in batch.orders.indices { isConcerned[batch.orders[index].lane] = true }
        for index in lanes.indices where isConcerned[index] {
            let lane = lanes[index]
            loops[index].execute { lane.value?.deliver(batch) }
        }
    }

    package func publish(_ update: LaneUpdate) {
        for (lane, loop) in zip(lanes, loops) {
            loop.execute { lane.value?.update(update) }
        }
    }

    package func beginDraining() {
        for (lane, loop) in zip(lanes, loops) {
            loop.execute { lane.value?.isDraining = true }
        }
    }
}
