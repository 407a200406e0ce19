import OperatorAPI

/// One setting as it is in force.
package struct EffectiveSetting: Sendable, Encodable {
    package enum Source: String, Sendable, Encodable {
        case flag
        case environment
        /// Of a file that the environment names.
        case file
        case `default`
    }

    package var name: String
    /// As it is written where it is set, empty for none; `***` for a secret that was given.
    package var value: String
    package var source: Source
}

extension Settings {
    /// All of them, in the order of `Setting.all`.
    ///
    /// - Throws: what `load` throws.
    package static func effective(environment: [String: String], overrides: [String: String]) throws(SettingsError) -> [EffectiveSetting] {
        _ = try load(environment: environment, overrides: overrides)
        let defaults = Settings()
        return Setting.all.map { setting in
            func given(_ values: [String: String], _ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
            func effective(_ text: String, _ source: EffectiveSetting.Source) -> EffectiveSetting {
                EffectiveSetting(name: setting.name, value: setting.isSecret ? "***" : text, source: source)
            }
            if let text = given(overrides, setting.name) { return effective(text, .flag) }
            if let text = given(environment, setting.name) { return effective(text, .environment) }
            if setting.isSecret, given(environment, setting.name + "_FILE") != nil { return effective("", .file) }
            return EffectiveSetting(name: setting.name, value: setting.text(in: defaults), source: .default)
        }
    }
}

extension Settings {
    /// All of them as they are in force here, in the order of `Setting.all`.
    var inForce: [OperatorSetting] {
        let defaults = Settings()
        return Setting.all.map { setting in
            let (text, usual) = (setting.text(in: self), setting.text(in: defaults))
            return OperatorSetting(name: setting.name, value: setting.isSecret ? "***" : text, isDefault: text == usual)
        }
    }
}
