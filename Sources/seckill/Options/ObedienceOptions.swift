import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

/// How long a command that changes a sale waits for the nodes that sell it.
struct ObedienceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long to wait until every node obeys; 0s is not at all.", valueName: "duration"),
        transform: { text in
            guard let wait = Duration(text: text), wait <= .seconds(600) else {
                throw ValidationError("--wait must be a duration up to 10m, such as 5s")
            }
            return wait
        })
    var wait = Duration.seconds(5)

    /// What came of `change`, how the nodes took it, if it was one.
    ///
    /// - Parameter isNothing: whether `change` had nothing to change.
    func after<Change>(
        _ sale: SaleID, _ writes: WriteOptions, in session: OperatorSession, isNothing: (Change) -> Bool = { _ in false },
        _ change: () async throws -> Change
    ) async throws -> (Change, seen: Seen) {
        let value = try await change()
        let isAsked = !writes.dryRun && !isNothing(value)
        return (value, Seen(isAsked: isAsked, obedience: isAsked ? await seen(of: sale, in: session) : nil))
    }

    struct Seen {
        /// Nodes have nothing to obey after a dry run, and where nothing was changed.
        var isAsked: Bool
        var obedience: Obedience?
    }

    func print(_ seen: Seen, _ format: OutputFormat) {
        if seen.isAsked { print(seen.obedience, format) }
    }

    /// `nil` when nobody can say which nodes there are: the change stands all the same.
    private func seen(of sale: SaleID, in session: OperatorSession) async -> Obedience? {
        try? await session.awaitObedience(of: sale, within: wait)
    }

    /// Says how many nodes obey: to people among the data, to programs beside them.
    private func print(_ obedience: Obedience?, _ format: OutputFormat) {
        let text = obedience.map { "obeyed by \($0)" } ?? "which nodes obey is not known: Redis does not tell"
        if format == .table { Console.data(text) } else { Console.message(text) }
    }
}
