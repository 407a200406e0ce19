import Foundation

/// Why the database could not be read.
package enum PsqlError: Error, Equatable, CustomStringConvertible {
    case missing
    case failed(String)
    case notRow(String)

    package var description: String {
        switch self {
        case .missing: "psql not found: install postgresql-client, or leave --database-url out and do without the verdict"
        case .failed(let reason): "psql: \(reason)"
        case .notRow(let reason): reason
        }
    }
}

/// Runs SQL through the `psql` program: the judge shares no code with the service's own way to
/// Postgres.
package struct Psql: Sendable {
    private let connection: String
    private let password: String?

    /// - Parameter url: a libpq URI or conninfo. A password in a URI goes by the environment, where
    ///   `ps` does not show it.
    package init(url: String) {
        guard
            var parts = URLComponents(string: url), parts.scheme == "postgres" || parts.scheme == "postgresql", let password = parts.password
        else {
            self.connection = url
            self.password = nil
            return
        }
        parts.password = nil
        self.connection = parts.string ?? url
        self.password = password
    }

    /// Rows of tab-separated columns, of all statements of `sql` in order; `:'name'` in it is
    /// replaced by a quoted variable.
    package func rows(_ sql: String, variables: [String: String] = [:]) async throws(PsqlError) -> [[Substring]] {
        let arguments =
            ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "--field-separator=\t", "--set=ON_ERROR_STOP=1"]
            + variables.map { "--set=\($0.key)=\($0.value)" } + ["--dbname=\(connection)"]
        // What the caller says of the connection beside its URL.
        var environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PG") }
        environment["PGCLIENTENCODING"] = "UTF8"
        environment["PGCONNECT_TIMEOUT"] = "5"
        if let password { environment["PGPASSWORD"] = password }
        let outcome: Subprocess.Outcome
        do {
            outcome = try await Subprocess("psql", environment: environment)(arguments, input: sql)
        } catch {
            throw .failed("\(error)")
        }
        guard outcome.status != 127 else { throw .missing }
        guard outcome.status == 0 else {
            throw .failed(outcome.messages.split(separator: "\n").first.map(String.init) ?? "exit \(outcome.status)")
        }
        return outcome.data.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    }
}
