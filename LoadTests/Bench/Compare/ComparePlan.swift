import BenchModel
import LoadSupport

/// The machine has something else to do, and went on having it.
struct BusyMachine: Error {
    var disturbance: Disturbance

    var description: String { "the machine is busy with something else: \(disturbance.text); stop that, or give --allow-busy" }
}

/// Rounds of A B C, A B C, so that what slows the machine down for a while slows down all.
struct ComparePlan: Sendable {
    var contenders: [Contender]
    var rounds: Int
    var seconds: Int
    var connections: Int
    var halfLoadSeconds: Int
    var allowsBusy: Bool

    /// Disturbed measurements are repeated, all contenders together this often.
    private static let repetitionsMax = 6

    func execute() async throws -> CompareReport {
        let workspace = try Workspace()
        defer { workspace.remove() }
        if !allowsBusy, let disturbance = try await Quiet.wait() { throw BusyMachine(disturbance: disturbance) }
        let setup = try await MachineFacts.setup(command: "make bench", rounds: rounds, seconds: seconds, connections: connections)
        var report = CompareReport(setup: setup, rounds: [], discarded: [])
        for number in 1...rounds {
            for contender in contenders {
                var round = try await measure(contender, number, workspace)
                while let doubt = round.doubt, !allowsBusy, report.discarded.count < Self.repetitionsMax {
                    Messages.say("  disturbed, once more: \(doubt)")
                    report.discarded.append(round)
                    round = try await measure(contender, number, workspace)
                }
                report.rounds.append(round)
            }
        }
        return report
    }

    private func measure(_ contender: Contender, _ number: Int, _ workspace: Workspace) async throws -> Round {
        let round = try await RoundRun(
            contender: contender, number: number, seconds: seconds, connections: connections, halfLoadSeconds: halfLoadSeconds, workspace: workspace
        ).execute()
        let (rate, cost) = (Figure.text(round.peak.perSecond, digits: 0), Figure.text(round.serverCost, digits: 1))
        Messages.say("round \(number)  \(contender.rawValue): \(rate)/s, server CPU \(cost) µs")
        return round
    }
}
