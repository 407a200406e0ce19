/// Why a database URL cannot be used. Carries nothing of it, for a password may stand anywhere in
/// it, and least where it should when a character of it was not escaped.
package struct MalformedPostgresAddress: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    private init(_ description: String) {
        self.description = description
    }

    /// libpq cannot read `text`.
    init(in text: String) {
        self.init(
            Self.isURI(text)
                ? "not a libpq URI (postgres://user:password@host:port/name): \(Self.escapes)"
                : """
                not a libpq URI (postgres://user@host:port/name) or conninfo (host=… dbname=…): in a conninfo, a value with spaces stands in single \
                quotes, and ' and \\ in it are written \\' and \\\\
                """)
    }

    private static let escapes = "in its user and password % is written %25, / is written %2F, @ is written %40, and # %23, ? %3F, space %20"

    /// Finds what libpq reads without complaint and otherwise than it was meant: the end of a
    /// password would be taken for a host, a port or a database.
    static func check(_ text: String) throws(MalformedPostgresAddress) {
        guard let rest = afterScheme(text) else { return }
        let authority = rest.prefix { $0 != "/" }
        if authority.count(where: { $0 == "@" }) > 1 {
            throw Self("a URI with more than one @ before the database: in a user or password, @ is written %40")
        }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        if path.contains("@") {
            throw Self("a URI with an @ behind a /: in a user or password, / is written %2F; in the name of a database, @ is written %40")
        }
    }

    static func check(_ options: [String: String]) throws(MalformedPostgresAddress) {
        let ports = options["port"]?.split(separator: ",", omittingEmptySubsequences: false) ?? []
        guard ports.allSatisfy({ $0.isEmpty || Int($0).map((1...65_535).contains) == true }) else {
            throw Self("its port is no number from 1 to 65535; \(escapes)")
        }
    }

    private static func isURI(_ text: String) -> Bool { afterScheme(text) != nil }

    /// As libpq tells a URI from a conninfo.
    private static func afterScheme(_ text: String) -> Substring? {
        ["postgresql://", "postgres://"].lazy.filter { text.hasPrefix($0) }.first.map { text.dropFirst($0.count) }
    }
}
