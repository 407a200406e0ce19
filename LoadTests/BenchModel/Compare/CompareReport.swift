/// The report file of one comparison.
package struct CompareReport: Sendable, Equatable, Codable {
    package struct Setup: Sendable, Equatable, Codable {
        package var date: String
        package var command: String
        package var rounds: Int
        package var seconds: Int
        package var connections: Int
        package var cpuModel: String
        package var cores: Int
        package var kernel: String
        /// Name and version, in the order of the table's heading.
        package var versions: [String]

        package init(
            date: String, command: String, rounds: Int, seconds: Int, connections: Int, cpuModel: String, cores: Int, kernel: String,
            versions: [String]
        ) {
            self.date = date
            self.command = command
            self.rounds = rounds
            self.seconds = seconds
            self.connections = connections
            self.cpuModel = cpuModel
            self.cores = cores
            self.kernel = kernel
            self.versions = versions
        }
    }

    package var setup: Setup
    /// Those that count.
    package var rounds: [Round]
    /// Disturbed rounds that were repeated.
    package var discarded: [Round]

    package init(setup: Setup, rounds: [Round], discarded: [Round]) {
        self.setup = setup
        self.rounds = rounds
        self.discarded = discarded
    }

    /// No round that counts was disturbed.
    package var isConclusive: Bool { rounds.allSatisfy { $0.doubt == nil } }

    package var faults: [String] {
        rounds.flatMap { round in round.faults.map { "\(round.contender.rawValue), round \(round.number): \($0)" } }
    }

    package func spread(_ contender: Contender, _ figure: (Round) -> Double?) -> Spread? {
        Spread(rounds.filter { $0.contender == contender }.compactMap(figure))
    }

    /// Requests/s over those of the rival in the same round.
    package func ratio(_ contender: Contender) -> Spread? {
        guard let rival = contender.rival else { return nil }
        let rivals = Dictionary(rounds.filter { $0.contender == rival }.map { ($0.number, $0.peak.perSecond) }) { first, _ in first }
        return spread(contender) { round in
            rivals[round.number].flatMap { $0 > 0 ? round.peak.perSecond / $0 : nil }
        }
    }
}

extension CompareReport: BenchReport {
    package var doubts: [String] {
        rounds.compactMap { round in round.doubt.map { "\(round.contender.rawValue), round \(round.number): \($0)" } }
    }
}
