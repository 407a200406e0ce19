import CBuild
import PostgresLedger
import SaleCore

/// What this was built from.
package struct Build: Sendable, Encodable {
    package let version = Release.version
    /// The hash of the commit, or `unknown`.
    package let commit: String
    /// Of the compiler.
    package let swift: String
    /// Changes with `schema.sql`.
    package let schema: String

    package static let current = Build()

    private init() {
        // Static storage.
        commit = unsafe String(cString: seckill_commit())
        #if compiler(>=6.4)
        swift = "6.4 or later"
        #elseif compiler(>=6.3)
        swift = "6.3"
        #else
        swift = "6.2"
        #endif
        let digits = String(Schema.fingerprint, radix: 16)
        schema = String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
