/// What an operator wants of one node.
package enum NodeWish: String, Sendable, CaseIterable {
    /// That it stops as it would at SIGTERM.
    case drain
}

/// Where nodes say that they are there. Each lives for a few seconds after it was last heard of.
package protocol NodeDirectory: Sendable {
    /// - Returns: what an operator wants of this node; again each time until it leaves.
    func beat(_ heartbeat: NodeHeartbeat) async throws(StoreError) -> NodeWish?

    /// Those that live, by their ids.
    func nodes() async throws(StoreError) -> [NodeHeartbeat]

    /// How long ago each was heard of that has not said good-bye, by their ids: those that live,
    /// and for a minute or so those that have fallen silent.
    func silences() async throws(StoreError) -> [String: Duration]

    /// - Returns: `false` when no such node lives.
    func wish(_ wish: NodeWish, of node: String) async throws(StoreError) -> Bool

    /// It says good-bye.
    func leave(_ node: String) async throws(StoreError)
}
