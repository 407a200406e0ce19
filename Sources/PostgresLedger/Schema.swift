/// The schema that this was built with.
package enum Schema {
    package static var sql: String { String(decoding: PackageResources.schema_sql, as: UTF8.self) }

    /// Another one for another text (FNV-1a, 64 bits).
    package static var fingerprint: UInt64 {
        PackageResources.schema_sql.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
