extension GrowthReport {
    /// Markdown.
    package var markdown: String {
        var text = ""
        if !isConclusive { text += "**Not conclusive: the machine was busy with something else.**\n\n" }
        text += """
            \(setup.date), `\(setup.command)`: purchases at full load, answered after the Postgres commit, \(setup.rounds) runs of \(setup.seconds) s at each \
            size, client included on the same \(setup.cores) cores (\(setup.cpuModel), \(setup.kernel)); \(setup.versions.joined(separator: ", ")). \
            Median (lowest–highest).


            """
        for axis in axes { text += table(of: axis).text + verdict(of: axis) + "\n" }
        if !storms.isEmpty { text += stormTable.text + "\n" }
        return text
    }

    private func table(of axis: GrowthAxis) -> MarkdownTable {
        var table = MarkdownTable([axis.title, "purchases/s", "p99 ms", "server CPU µs per purchase", "service", "redis", "postgres", "memory MB"])
        for size in sizes(of: axis) {
            func text(_ digits: Int, _ figure: (GrowthPoint) -> Double?) -> String { spread(axis, size, figure)?.text(digits: digits) ?? "–" }
            func median(_ process: String) -> String {
                spread(axis, size) { $0.cost.of(process) }.map { Figure.text($0.median, digits: 1) } ?? "–"
            }
            table.append([
                Figure.text(Double(size), digits: 0), text(0) { $0.loop.perSecond }, text(1) { Double($0.loop.p99) / 1_000 },
                text(1, \.cost.ofServers), median("service"), median("redis"), median("postgres"), text(0) { Double($0.residentBytesMax) / 1e6 },
            ])
        }
        return table
    }

    private func verdict(of axis: GrowthAxis) -> String {
        guard let growth = growth(of: axis) else { return "" }
        return "\nServer CPU per purchase at the largest size is \(Figure.text(growth, digits: 2)) × that at the smallest: "
            + (growth <= Self.growthMax ? "it does not grow.\n" : "**it grows.**\n")
    }

    private var stormTable: MarkdownTable {
        var table = MarkdownTable(["connections opened in one second", "answered", "failed", "all answered after s", "p50 ms", "p99 ms"])
        for storm in storms {
            table.append([
                Figure.text(Double(storm.connections), digits: 0), Figure.text(Double(storm.answered), digits: 0),
                Figure.text(Double(storm.failed), digits: 0), Figure.text(storm.seconds, digits: 2),
                Figure.text(Double(storm.p50) / 1_000, digits: 1),
                Figure.text(Double(storm.p99) / 1_000, digits: 1),
            ])
        }
        return table
    }
}
