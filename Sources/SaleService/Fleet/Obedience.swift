package import SaleCore

/// Which nodes do what an operator said of a sale.
package struct Obedience: Sendable, Equatable, CustomStringConvertible {
    /// A node that does not obey, or has not said so.
    package struct Straggler: Sendable, Equatable, CustomStringConvertible {
        package var node: String
        /// How long it has said nothing; `nil` for one that lives.
        package var silence: Duration?

        package init(node: String, silence: Duration? = nil) {
            self.node = node
            self.silence = silence
        }

        package var description: String {
            node + (silence.map { ", last heard of \(Int(($0 / Duration.seconds(1)).rounded())) s ago" } ?? "")
        }
    }

    /// The names of those that do, and those that do not; both in the order of the names.
    package var obeying: [String]
    package var stragglers: [Straggler]

    package init(obeying: [String] = [], stragglers: [Straggler] = []) {
        self.obeying = obeying
        self.stragglers = stragglers
    }

    package var obeyedBy: Int { obeying.count }
    package var nodes: Int { obeying.count + stragglers.count }
    package var isComplete: Bool { stragglers.isEmpty }

    package var description: String { "\(obeyedBy) of \(nodes) nodes" + stragglers.map { "; not by \($0)" }.joined() }

    /// - Parameter revision: of the sale, once the change stands in Postgres.
    package init(of sale: SaleID, revision: Int64, among nodes: [NodeHeartbeat]) {
        let obeying = nodes.filter { $0.obeys(revision, of: sale) }
        let others = nodes.filter { !$0.obeys(revision, of: sale) }
        self.init(obeying: obeying.map(\.id).sorted(), stragglers: others.map { Straggler(node: $0.id) }.sorted { $0.node < $1.node })
    }
}

extension NodeHeartbeat {
    fileprivate func obeys(_ revision: Int64, of sale: SaleID) -> Bool { revisions[sale] ?? .min >= revision }
}

/// Waits for nodes.
package struct ObedienceWatch: Sendable {
    private let directory: any NodeDirectory
    private let runtime: Runtime

    package init(directory: any NodeDirectory, runtime: Runtime = .system) {
        self.directory = directory
        self.runtime = runtime
    }

    /// Returns once every node obeys `sale`, as it stands in Postgres now, or with those that do
    /// when the time is over.
    ///
    /// - Parameters:
    ///   - now: by Redis's clock, as the nodes have it.
    ///   - known: nodes that were seen before the change; those that come meanwhile count, too.
    /// - Returns: `nil` for a sale that ended so long ago that nodes do not tell of it any more.
    /// - Throws: `StoreError` when nobody can say which nodes there are; `CancellationError`.
    package func awaitObedience(
        of sale: Sale, at now: Timestamp, within wait: Duration, known: [NodeHeartbeat] = []
    ) async throws -> Obedience? {
        guard !sale.isForgotten(at: now) else { return nil }
        return try await awaitObedience(of: sale.id, revision: sale.revision, within: wait, known: known)
    }

    /// A node that says nothing any more counts until it has said good-bye, or was not heard of for
    /// long: nobody knows what one does that stands still or is cut off.
    func awaitObedience(of sale: SaleID, revision: Int64, within wait: Duration, known: [NodeHeartbeat] = []) async throws -> Obedience {
        let deadline = runtime.now().advanced(by: wait.nanoseconds)
        var last = Dictionary(known.map { ($0.id, $0) }) { $1 }
        while true {
            let living = try await directory.nodes()
            for node in living { last[node.id] = node }
            var obedience = Obedience(of: sale, revision: revision, among: living)
            let silences = try await directory.silences()
            for (id, silence) in silences where !living.contains(where: { $0.id == id }) {
                let node = last[id]
                if node?.isDraining == true { continue }
                if node?.obeys(revision, of: sale) == true {
                    obedience.obeying.append(id)
                } else {
                    obedience.stragglers.append(Obedience.Straggler(node: id, silence: silence))
                }
            }
            obedience.obeying.sort()
            obedience.stragglers.sort { $0.node < $1.node }
            if obedience.isComplete || runtime.now() >= deadline { return obedience }
            try await runtime.sleep(Limits.obedienceInterval)
        }
    }
}
