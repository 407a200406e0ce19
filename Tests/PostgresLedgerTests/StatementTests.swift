import Testing

@testable import PostgresLedger

@Suite struct StatementTests {
    /// A connection knows a prepared statement by its name alone.
    @Test func everyStatementHasItsOwnName() {
        let names = Statement.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count > 20)
    }

    /// Postgres cuts a longer name off, and takes two for one.
    @Test func noNameIsLongerThanPostgresCompares() {
        #expect(Statement.all.allSatisfy { $0.name.utf8.count <= 63 })
    }
}
