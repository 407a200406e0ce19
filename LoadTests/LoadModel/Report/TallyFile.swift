/// Everything that was counted, complete enough to be added to what other processes counted.
package struct TallyFile: Sendable, Codable {
    package struct Group: Sendable, Codable {
        package var name: String
        package var tally: Tally
    }

    package var schemaVersion = RunReport.schemaVersionCurrent
    package var total: Tally
    package var groups: [Group]

    package init(total: Tally, groups: [(name: String, tally: Tally)]) {
        self.total = total
        self.groups = groups.map { Group(name: $0.name, tally: $0.tally) }
    }
}
