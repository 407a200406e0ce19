import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

/// How long a command that changes a sale waits for the nodes that sell it.
struct ObedienceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait until every node obeys; 0s is not at all. Ends with 6 when one does not. (default: 5s)", valueName: "duration"),
        transform: { text in
            guard let wait = Duration(text: text), wait <= .seconds(600) else {
                throw ValidationError("--wait must be a duration up to 10m, such as 5s")
            }
            return wait
        })
    var wait = Duration.seconds(5)

    /// What came of `change`, and how the nodes took it, if it was one.
    ///
    /// - Parameter isNothing: whether `change` had nothing to change.
    func after<Change>(
        _ sale: SaleID, _ writes: WriteOptions, in session: OperatorSession, isNothing: (Change) -> Bool = { _ in false },
        _ change: () async throws -> Change
    ) async throws -> (Change, seen: Seen) {
        // Whoever falls silent from now on has not obeyed.
        let before = wait > .zero && !writes.dryRun ? try? await session.nodes.nodes() : nil
        let value = try await change()
        guard !writes.dryRun, !isNothing(value) else { return (value, Seen(isAsked: false)) }
        guard wait > .zero else { return (value, Seen(isAsked: true, isAwaited: false)) }
        do {
            let obedience = try await session.awaitObedience(of: sale, within: wait, known: before ?? [])
            return (value, Seen(isAsked: obedience != nil, obedience: obedience))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return (value, Seen(isAsked: true))
        }
    }

    struct Seen {
        /// Nodes have nothing to obey after a dry run, and where nothing was changed.
        var isAsked: Bool
        var isAwaited = true
        /// `nil` when nobody can say which nodes there are: the change stands all the same.
        var obedience: Obedience?

        fileprivate var text: String {
            guard isAwaited else { return "not waited for: `seckill node list` has the nodes" }
            return obedience.map { "obeyed by \($0)" } ?? "which nodes obey is not known: Redis does not tell"
        }

        fileprivate var isConfirmed: Bool { obedience?.isComplete ?? !isAwaited }
    }

    /// Says which nodes obey: to people among the data, to programs beside them.
    ///
    /// - Throws: when not all of them do.
    func print(_ seen: Seen, _ format: ReportFormat) throws {
        guard seen.isAsked else { return }
        if format == .table { Console.data(seen.text) } else { Console.message(seen.text) }
        guard seen.isConfirmed else {
            throw CommandFailure(.unavailable, "the change stands, and not every node is known to obey it after \(wait.text)")
        }
    }
}
