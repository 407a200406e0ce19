package import SaleService

/// What Postgres should not be set to while it confirms the orders of a sale.
package enum PostgresAdvice {
    /// Of the kernel under Postgres, in bytes; 0 where it goes by `vm.dirty_background_ratio`.
    static let dirtyBackgroundBytes = "vm.dirty_background_bytes"

    /// Names in `pg_settings`, and one of the kernel's; what is wrong with a value in its unit
    /// there.
    private static let rules: [(setting: String, isWrong: @Sendable (String) -> Bool, consequence: String, remedy: String, isRisk: Bool)] = [
        ("fsync", { $0 == "off" }, "a crash of the machine loses confirmed orders, or the database", "on", true),
        ("full_page_writes", { $0 == "off" }, "a crash of the machine in the middle of a page loses the database", "on", true),
        (
            "min_wal_size", { below($0, 1_024) },
            "after a quiet time the log goes on in new files: each is filled with zeros first or, with wal_init_zero off, costs each flush a write more",
            "1GB", false
        ),
        ("max_wal_size", { below($0, 4_096) }, "a sale fills it within minutes, and each time all that changed is written out", "4GB or more", false),
        (
            "checkpoint_timeout", { below($0, 300) }, "what changed is written out every few minutes, and logged whole again after that", "15min",
            false
        ),
        (
            "wal_init_zero", { $0 == "on" }, "each new 16 MB of the log are written as zeros first, and commits wait for that up to 150 ms", "off",
            false
        ),
        ("commit_delay", { $0 != "0" }, "commits wait for company that the service has gathered already", "0", false),
        ("log_statement", { ["all", "mod"].contains($0) }, "every batch of orders is written to the server's log", "none or ddl", false),
        ("log_min_duration_statement", { $0 == "0" }, "every batch of orders is written to the server's log", "-1, or 200ms", false),
        (
            dirtyBackgroundBytes, { $0 == "0" || !below($0, 32 * 1_048_576 + 1) },
            "what Postgres wrote in half a minute goes to the disk at once, and commits wait behind it, for up to 260 ms as measured", "16777216",
            false
        ),
    ]

    package static var settings: [String] { rules.map(\.setting) }

    private static func below(_ value: String, _ bound: Int64) -> Bool { Int64(value).map { $0 < bound } ?? false }

    /// A setting's value in the unit of `pg_settings`, and with its unit.
    package typealias Value = (raw: String, shown: String)

    /// - Parameter values: what is missing is not judged.
    package static func advice(on values: [String: Value]) -> [SettingAdvice] {
        rules.compactMap { rule in
            guard let value = values[rule.setting], rule.isWrong(value.raw) else { return nil }
            return SettingAdvice(rule.setting, is: value.shown, so: rule.consequence, set: rule.remedy, isRisk: rule.isRisk)
        }
    }
}
