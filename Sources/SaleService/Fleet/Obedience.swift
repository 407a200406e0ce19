package import SaleCore

/// How many nodes do what an operator said of a sale.
package struct Obedience: Sendable, Equatable, CustomStringConvertible {
    package var obeyedBy: Int
    package var nodes: Int

    package init(obeyedBy: Int, nodes: Int) {
        self.obeyedBy = obeyedBy
        self.nodes = nodes
    }

    package var isComplete: Bool { obeyedBy == nodes }
    package var description: String { "\(obeyedBy) of \(nodes) nodes" }

    /// - Parameter revision: of the sale, once the change stands in Postgres.
    package init(of sale: SaleID, revision: Int64, among nodes: [NodeHeartbeat]) {
        self.init(obeyedBy: nodes.count { $0.revisions[sale] ?? .min >= revision }, nodes: nodes.count)
    }
}

/// Waits for nodes.
package struct ObedienceWatch: Sendable {
    private let directory: any NodeDirectory
    private let runtime: Runtime

    package init(directory: any NodeDirectory, runtime: Runtime = .system) {
        self.directory = directory
        self.runtime = runtime
    }

    /// Returns once every node that lives obeys `revision` of `sale`, or with those that do when
    /// the time is over.
    ///
    /// - Throws: `StoreError` when nobody can say which nodes there are; `CancellationError`.
    package func awaitObedience(of sale: SaleID, revision: Int64, within wait: Duration) async throws -> Obedience {
        let deadline = runtime.now().advanced(by: wait.nanoseconds)
        while true {
            let obedience = Obedience(of: sale, revision: revision, among: try await directory.nodes())
            if obedience.isComplete || runtime.now() >= deadline { return obedience }
            try await runtime.sleep(Limits.obedienceInterval)
        }
    }
}
