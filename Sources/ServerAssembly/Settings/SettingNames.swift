/// The names of the settings, as the environment holds them.
enum SettingNames {
    static let prefix = "SECKILL_"

    /// The first name of ours in `environment` that is no setting, with the setting that it is most like. A mistyped name would otherwise leave the default in force,
    /// and nobody would know.
    static func requireKnown(_ environment: [String: String]) throws(SettingsError) {
        let known = Settings.names + Settings.namesWithFile.map { $0 + "_FILE" }
        guard let unknown = environment.keys.filter({ $0.hasPrefix(prefix) && !known.contains($0) }).min() else { return }
        let distances = known.map { ($0, distance(unknown, $0)) }
        let nearest = distances.min { $0.1 < $1.1 }?.0 ?? ""
        throw SettingsError("\(unknown) is not a setting; the nearest is \(nearest)")
    }

    /// Letters to insert, delete or replace so that one becomes the other (Levenshtein).
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        var row = Array(0...other.count)
        for (index, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let replaced = diagonal + (byte == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
