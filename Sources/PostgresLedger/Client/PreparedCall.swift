/// One statement of a pipeline, and what it is run with.
package struct PreparedCall: Sendable {
    var statement: Statement
    var parameters: PostgresParameters

    package init(_ statement: Statement, _ parameters: PostgresParameters = PostgresParameters()) {
        self.statement = statement
        self.parameters = parameters
    }
}
