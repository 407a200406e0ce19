package import NIOCore

/// The purchase contexts, one per event loop.
package final class PurchaseContexts: Sendable {
    private let contexts: [ObjectIdentifier: NIOLoopBound<PurchaseContext>]

    /// - Parameter contexts: each made on its loop.
    package init(_ contexts: [(loop: any EventLoop, shared: NIOLoopBound<PurchaseContext>)]) {
        self.contexts = Dictionary(uniqueKeysWithValues: contexts.map { (ObjectIdentifier($0.loop), $0.shared) })
    }

    /// The context of `loop`, which must be the current one and one of this set's.
    func context(on loop: any EventLoop) -> PurchaseContext {
        guard let shared = contexts[ObjectIdentifier(loop)] else {
            fatalError("the connection runs on an event loop that has no purchase context")
        }
        return shared.value
    }
}
