import CLibpq

/// Where Postgres is and who we are there: a libpq URI (`postgres://user:secret@host/db`) or conninfo (`host=… dbname=…`).
package struct PostgresAddress: Sendable, CustomStringConvertible {
    /// The text is neither. Carries nothing of it, for a password may stand anywhere in it.
    package struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String { "not a libpq URI (postgres://user@host:port/name) or conninfo (host=… dbname=…)" }
    }

    let conninfo: String
    private let secrets: [String]
    /// Host, port, database and user, without the password.
    package let description: String

    package init(_ conninfo: String) throws(Malformed) {
        guard let options = Self.parse(conninfo) else { throw Malformed() }
        self.conninfo = conninfo
        self.secrets = ["password", "sslpassword"].compactMap { options[$0] }
        self.description = ["host", "hostaddr", "port", "dbname", "user"]
            .compactMap { name in options[name].map { "\(name)=\($0)" } }
            .joined(separator: " ")
    }

    /// `message` without our passwords.
    func redacted(_ message: String) -> String {
        secrets.reduce(message) { $0.replacing($1, with: "***") }
    }

    /// The options that the text sets; `nil` when libpq cannot read it.
    private static func parse(_ conninfo: String) -> [String: String]? {
        guard let first = unsafe PQconninfoParse(conninfo, nil) else { return nil }
        defer { unsafe PQconninfoFree(first) }
        var options: [String: String] = [:]
        // The manual: the array "is terminated by an entry having a null keyword pointer".
        var entry = unsafe first
        while let keyword = unsafe entry.pointee.keyword {
            if let value = unsafe entry.pointee.val, unsafe value.pointee != 0 {
                unsafe options[String(cString: keyword)] = String(cString: value)
            }
            unsafe entry += 1
        }
        return options
    }
}
