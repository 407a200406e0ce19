package import SaleService

/// What Redis should not be set to while it holds the stock of a sale. That it keeps a log and
/// throws nothing away, `StoreIdentity.warnings` says, for which no right is wanted.
package enum RedisAdvice {
    /// In the order in which advice is given.
    package static let settings = [
        "appendonly", "appendfsync", "save", "auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size",
    ]

    /// A purchase takes 300 bytes: three and a half million fit, 12 minutes at 5,000 a second.
    private static let rewriteBytesMin: Int64 = 1 << 30

    /// - Parameter values: as `CONFIG GET` answers; what is missing is not judged.
    package static func advice(on values: [String: String]) -> [SettingAdvice] {
        settings.compactMap { setting in
            values[setting].flatMap { advice(on: setting, $0, among: values) }
        }
    }

    private static func advice(on setting: String, _ value: String, among values: [String: String]) -> SettingAdvice? {
        switch (setting, value) {
        case ("appendfsync", "always"):
            SettingAdvice(
                setting, is: value, so: "every batch of purchases waits for the disk, and is no safer: Postgres confirms orders", set: "everysec")
        case ("save", _) where !value.isEmpty && values["appendonly"] == "yes":
            SettingAdvice(
                setting, is: "\"\(value)\"", so: "each snapshot forks in the middle of a sale, for what the append-only file has already", set: "\"\""
            )
        case ("auto-aof-rewrite-min-size", _)
        where Int64(value).map { $0 < rewriteBytesMin } == true && values["auto-aof-rewrite-percentage"] != "0" && values["appendonly"] == "yes":
            SettingAdvice(setting, is: value, so: "the append-only file is rewritten, with a fork, in the middle of a sale", set: "1gb")
        default: nil
        }
    }
}
