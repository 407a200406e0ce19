import CLibpq

/// Where Postgres is and who we are there: a libpq URI (`postgres://user:secret@host/db`) or
/// conninfo (`host=… dbname=…`). Several hosts may stand in either.
package struct PostgresAddress: Sendable, CustomStringConvertible {
    let conninfo: String
    /// What to connect to, in the order in which the text names it. A text without a host is one,
    /// and libpq finds the host.
    private(set) var hosts: [PostgresHost]
    private let secrets: [String]
    /// Host, port, database and user, without the password.
    package let description: String

    /// - Throws: `Malformed`, which carries nothing of the text, for a password may stand anywhere
    ///   in it.
    package init(_ conninfo: String) throws(MalformedPostgresAddress) {
        try MalformedPostgresAddress.check(conninfo)
        guard let options = Self.parse(conninfo) else { throw MalformedPostgresAddress(in: conninfo) }
        try MalformedPostgresAddress.check(options)
        self.conninfo = conninfo
        self.hosts = PostgresHost.all(in: options)
        self.secrets = ["password", "sslpassword"].compactMap { options[$0] }
        self.description = ["host", "hostaddr", "port", "dbname", "user"]
            .compactMap { name in options[name].map { "\(name)=\($0)" } }
            .joined(separator: " ")
    }

    func only(_ host: PostgresHost) -> PostgresAddress {
        var address = self
        address.hosts = [host]
        return address
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
