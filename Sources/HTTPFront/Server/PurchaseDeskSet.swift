package import NIOCore

/// The purchase desks, one per event loop.
package final class PurchaseDeskSet: Sendable {
    private let desks: [ObjectIdentifier: NIOLoopBound<PurchaseDesk>]

    /// - Parameter desks: each made on its loop.
    package init(_ desks: [(loop: any EventLoop, desk: NIOLoopBound<PurchaseDesk>)]) {
        self.desks = Dictionary(uniqueKeysWithValues: desks.map { (ObjectIdentifier($0.loop), $0.desk) })
    }

    /// The desk of `loop`, which must be the current one and one of this set's.
    func desk(on loop: any EventLoop) -> PurchaseDesk {
        guard let desk = desks[ObjectIdentifier(loop)] else {
            fatalError("the connection runs on an event loop that has no purchase desk")
        }
        return desk.value
    }
}
