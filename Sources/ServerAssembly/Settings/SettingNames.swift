import SaleCore

/// The names of the settings, as the environment holds them.
enum SettingNames {
    /// The first name of ours in `environment` that is no setting, with the setting that it is most
    /// like. A mistyped name would otherwise leave the default in force, and nobody would know.
    static func requireKnown(_ environment: [String: String]) throws(SettingsError) {
        let known = Setting.all.flatMap { $0.isSecret ? [$0.name, $0.name + "_FILE"] : [$0.name] }
        guard let unknown = environment.keys.filter({ $0.hasPrefix(Setting.prefix) && !known.contains($0) }).min() else { return }
        let distances = known.map { ($0, EditDistance.between(unknown, $0)) }
        let nearest = distances.min { $0.1 < $1.1 }?.0 ?? ""
        throw SettingsError("\(unknown) is not a setting; the nearest is \(nearest)")
    }
}
