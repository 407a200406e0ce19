import ArgumentParser

/// How often, for how long and over how many connections something is measured in turn with
/// others, and where the report goes.
struct RoundOptions: ParsableArguments {
    @Option(help: "How often each is measured.") var rounds = 5
    @Option(help: "How long each measurement takes, in seconds.") var seconds = 5
    @Option(help: "Connections of the closed loop.") var connections = 256
    @Flag(help: "Go on when the machine is busy with something else, and mark the table as not conclusive.") var allowBusy = false
    @Option(help: "Where the report goes; by default reports/NAME-<UTC>.") var report: String?

    func validate() throws { try Self.validate(rounds: rounds, seconds: seconds, connections: connections) }

    /// Also for commands whose usual values are others.
    static func validate(rounds: Int, seconds: Int, connections: Int) throws {
        guard (1...100).contains(rounds) else { throw ValidationError("--rounds must be between 1 and 100") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds must be between 1 and 600") }
        guard (1...10_000).contains(connections) else { throw ValidationError("--connections must be between 1 and 10000") }
    }
}
