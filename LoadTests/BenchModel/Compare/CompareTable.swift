extension CompareReport {
    /// Markdown that can stand in a README as it is.
    package var markdown: String {
        var text = ""
        if !isConclusive { text += "**Not conclusive: the machine was busy with something else.**\n\n" }
        text += """
            \(setup.date), `\(setup.command)`: \(setup.rounds) alternating rounds of \(setup.seconds) s on private servers, client included on the same \
            \(setup.cores) cores (\(setup.cpuModel), \(setup.kernel)); \(setup.versions.joined(separator: ", ")). wrk, closed loop, \(setup.connections) \
            connections, a new user with each request. Median (lowest–highest).


            """
        text += peakTable.text + "\n" + latencyTable.map { $0.text + "\n" }.joined() + (budgets.isEmpty ? "" : budgetTable.text)
        return text
    }

    private var contenders: [Contender] { Contender.allCases.filter { contender in rounds.contains { $0.contender == contender } } }

    private var peakTable: MarkdownTable {
        var table = MarkdownTable(["at full load", "requests/s", "÷ rival", "p50 ms", "p99 ms", "server CPU µs per request", "of which", "client"])
        for contender in contenders {
            table.append([
                contender.title, text(contender, 0) { $0.peak.perSecond }, ratio(contender)?.text(digits: 2) ?? "",
                text(contender, 1) { Double($0.peak.p50) / 1_000 }, text(contender, 1) { Double($0.peak.p99) / 1_000 },
                text(contender, 1, \.serverCost), costs(contender, ofServers: true), costs(contender, ofServers: false),
            ])
        }
        return table
    }

    private var latencyTable: [MarkdownTable] {
        let buying = contenders.filter(\.buys)
        guard !buying.isEmpty else { return [] }
        var table = MarkdownTable([
            "open loop (`seckill-load rush`)", "half load: offered/s", "p50 ms", "p99 ms", "slowest ms", "one client: p50 ms", "p99 ms", "memory MB",
        ])
        for contender in buying {
            table.append([
                contender.title, text(contender, 0) { $0.halfLoad?.offeredPerSecond },
                text(contender, 2) { $0.halfLoad.map { Double($0.p50) / 1_000 } }, text(contender, 2) { $0.halfLoad.map { Double($0.p99) / 1_000 } },
                text(contender, 0) { $0.halfLoad.map { Double($0.max) / 1_000 } },
                text(contender, 2) { $0.idle.map { Double($0.p50) / 1_000 } }, text(contender, 2) { $0.idle.map { Double($0.p99) / 1_000 } },
                text(contender, 0) { $0.residentBytesMax.map { Double($0) / 1e6 } },
            ])
        }
        return [table]
    }

    private var budgetTable: MarkdownTable {
        var table = MarkdownTable(["budget", "wanted", "measured", ""])
        for budget in budgets {
            table.append([
                budget.title, budget.boundText, budget.measured.text(digits: budget.digits) + budget.unit, budget.isMet ? "met" : "**missed**",
            ])
        }
        return table
    }

    private func text(_ contender: Contender, _ digits: Int, _ figure: (Round) -> Double?) -> String {
        spread(contender, figure)?.text(digits: digits) ?? "–"
    }

    /// `service 33.1, redis 4.0`, medians.
    private func costs(_ contender: Contender, ofServers: Bool) -> String {
        let processes = rounds.first { $0.contender == contender }?.cost.filter { $0.isServer == ofServers }.map(\.process) ?? []
        return processes.compactMap { process in
            spread(contender) { round in round.cost.of(process) }
                .map { "\(process) \(Figure.text($0.median, digits: 1))" }
        }.joined(separator: ", ")
    }
}
