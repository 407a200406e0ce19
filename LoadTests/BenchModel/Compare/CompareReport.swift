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

    /// Requests/s over those of the fastest rival in the same round.
    package func ratio(_ contender: Contender) -> Spread? {
        compare(contender) { round, rival in
            rival.peak.perSecond > 0 ? round.peak.perSecond / rival.peak.perSecond : nil
        }
    }

    /// A figure of each round of `contender` and of its fastest rival in it.
    package func compare(_ contender: Contender, _ figure: (_ round: Round, _ rival: Round) -> Double?) -> Spread? {
        spread(contender) { round in
            rounds.filter { $0.number == round.number && contender.rivals.contains($0.contender) }
                .max { $0.peak.perSecond < $1.peak.perSecond }
                .flatMap { figure(round, $0) }
        }
    }

    /// CPU of all servers per request over that of the fixed answer in the same round.
    package func costRatio(_ contender: Contender) -> Spread? {
        spread(contender) { round in
            rounds.first { $0.number == round.number && $0.contender == contender.floor }
                .flatMap { $0.serverCost > 0 ? round.serverCost / $0.serverCost : nil }
        }
    }
}

extension CompareReport: BenchReport {
    package var doubts: [String] {
        rounds.compactMap { round in round.doubt.map { "\(round.contender.rawValue), round \(round.number): \($0)" } }
    }
}
