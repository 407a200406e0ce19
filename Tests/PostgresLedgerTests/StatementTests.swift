import Testing

@testable import PostgresLedger

@Suite struct StatementTests {
    /// A connection knows a prepared statement by its name alone.
    @Test func everyStatementHasItsOwnName() {
        let names = Statement.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count > 20)
    }
}
