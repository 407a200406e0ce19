import ArgumentParser
import Foundation
import ServerAssembly

/// What a flag gives for a setting.
struct SettingText: Sendable {
    var name: String
    var text: String
}

extension Option where Value == SettingText? {
    /// The flag of a setting, named after its variable: `--redis-url` is `SECKILL_REDIS_URL`.
    init(_ field: PartialKeyPath<Settings>) {
        let setting = Setting.of(field)
        let name = setting.name
        self.init(name: .customLong(setting.flag), help: ArgumentHelp(setting.help, valueName: setting.valueName)) {
            SettingText(name: name, text: $0)
        }
    }
}

/// Flags that stand for settings.
protocol SettingFlags: ParsableArguments {}

extension SettingFlags {
    /// What they give, by the names of the settings.
    var overrides: [String: String] {
        let flags = Mirror(reflecting: self).children.compactMap { ($0.value as? Option<SettingText?>)?.wrappedValue }
        return Dictionary(flags.map { ($0.name, $0.text) }) { $1 }
    }
}

struct AddressFlags: SettingFlags {
    @Option(\.bind) var bind: SettingText?
    @Option(\.adminBind) var adminBind: SettingText?
}

struct StoreFlags: SettingFlags {
    @Option(\.redisURL) var redisURL: SettingText?
    @Option(\.databaseURL) var databaseURL: SettingText?
}

struct AuthFlags: SettingFlags {
    @Option(\.auth) var auth: SettingText?
    @Option(\.jwtSecretFile) var jwtSecretFile: SettingText?
    @Option(\.jwksFile) var jwksFile: SettingText?
    @Option(\.jwksURL) var jwksURL: SettingText?
    @Option(\.paymentSecretFile) var paymentSecretFile: SettingText?
}

struct OperatorFlags: SettingFlags {
    @Option(\.operatorsFile) var operatorsFile: SettingText?
    @Option(\.adminHosts) var adminHosts: SettingText?
    @Option(\.operatorHeader) var operatorHeader: SettingText?
}

struct TokenSecretFlags: SettingFlags {
    @Option(\.jwtSecretFile) var jwtSecretFile: SettingText?
}

struct CapacityFlags: SettingFlags {
    @Option(\.limitPerUser) var limitPerUser: SettingText?
    @Option(\.limitPerAddress) var limitPerAddress: SettingText?
    @Option(\.limitTotal) var limitTotal: SettingText?
    @Option(\.limitOrders) var limitOrders: SettingText?
    @Option(\.trustedProxies) var trustedProxies: SettingText?
    @Option(\.usesProxyProtocol) var usesProxyProtocol: SettingText?
    @Option(\.commitWait) var commitWait: SettingText?
    @Option(\.idleTimeout) var idleTimeout: SettingText?
    @Option(\.drainDelay) var drainDelay: SettingText?
    @Option(\.drainDeadline) var drainDeadline: SettingText?
    @Option(\.queueCapacity) var queueCapacity: SettingText?
    @Option(\.streamsMax) var streamsMax: SettingText?
    @Option(\.eventLoops) var eventLoops: SettingText?
    @Option(\.corsOrigins) var corsOrigins: SettingText?
    @Option(\.keyRule) var keyRule: SettingText?
}

struct PageFlags: SettingFlags {
    @Option(\.servesStorefront) var servesStorefront: SettingText?
}

struct EventFlags: SettingFlags {
    @Option(\.webhooksFile) var webhooksFile: SettingText?
}

struct LogFlags: SettingFlags {
    @Option(\.logLevel) var logLevel: SettingText?
    @Option(\.logFormat) var logFormat: SettingText?
    @Option(\.accessLog) var accessLog: SettingText?
}

extension Settings {
    /// The process's environment under `overrides`.
    static func load(_ overrides: [String: String]...) throws -> Settings {
        let merged = overrides.reduce(into: [:]) { $0.merge($1) { $1 } }
        do {
            return try load(environment: ProcessInfo.processInfo.environment, overrides: merged)
        } catch {
            throw CommandFailure(error)
        }
    }
}
