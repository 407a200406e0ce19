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

/// Runs SQL through the `psql` program: the judge shares no code with the service's own way to Postgres.
package struct Psql: Sendable {
    private let connection: String
    private let password: String?

    /// - Parameter url: a libpq URI or conninfo. A password in a URI goes by the environment, where `ps` does not show it.
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

    /// Rows of tab-separated columns, of all statements of `sql` in order; `:'name'` in it is replaced by a quoted variable.
    ///
    /// Blocks until psql ends.
    package func rows(_ sql: String, variables: [String: String]) throws(PsqlError) -> [[Substring]] {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "--field-separator=\t", "--set=ON_ERROR_STOP=1"]
            + variables.map { "--set=\($0.key)=\($0.value)" } + ["--dbname=\(connection)"]
        var environment = ProcessInfo.processInfo.environment
        environment["PGCLIENTENCODING"] = "UTF8"
        environment["PGCONNECT_TIMEOUT"] = "5"
        if let password { environment["PGPASSWORD"] = password }
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(sql.utf8))
            try input.fileHandleForWriting.close()
        } catch {
            throw .failed("\(error)")
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus != 127 else { throw .missing }
        guard process.terminationStatus == 0 else {
            throw .failed(complaint.split(separator: "\n").first.map(String.init) ?? "exit \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    }
}
