import Foundation

extension Settings {
    /// Reads all settings. `overrides` has the same names and wins over `environment`. A name that
    /// begins as ours do and is none is refused.
    package static func load(environment: [String: String], overrides: [String: String]) throws(SettingsError) -> Settings {
        try SettingNames.requireKnown(environment)
        // An empty value counts as absent, so that an environment file may list a setting without
        // giving it.
        let values = environment.merging(overrides) { $1 }.filter { !$0.value.isEmpty }
        var settings = Settings()
        for setting in Setting.all {
            if let text = try text(of: setting, in: values) { try setting.read(text, into: &settings) }
        }
        if settings.usesProxyProtocol, settings.trustedProxies == nil {
            throw SettingsError("SECKILL_PROXY_PROTOCOL is on, and SECKILL_TRUSTED_PROXIES names nobody who may speak it")
        }
        if settings.operatorHeader != nil, settings.trustedProxies == nil {
            throw SettingsError("SECKILL_OPERATOR_HEADER is set, and SECKILL_TRUSTED_PROXIES names nobody who may send it")
        }
        return settings
    }

    private static func text(of setting: Setting, in values: [String: String]) throws(SettingsError) -> String? {
        if let text = values[setting.name] { return text }
        guard setting.isSecret, let path = values[setting.name + "_FILE"] else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("\(setting.name)_FILE cannot be read: \(path)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
