import Foundation
import SaleCore

/// The raw texts of the settings, and how each kind of value is read. Every error names the setting and what it may be.
struct SettingValues {
    private let values: [String: String]

    init(environment: [String: String], overrides: [String: String]) {
        values = environment.merging(overrides) { $1 }
    }

    /// An empty value counts as absent, so that an environment file may list a setting without giving it.
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    func secret(_ name: String) throws(SettingsError) -> String? {
        if let value = self[name] { return value }
        guard let path = self[name + "_FILE"] else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("\(name)_FILE cannot be read: \(path)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func integer(_ name: String, default standard: Int, range: ClosedRange<Int>) throws(SettingsError) -> Int {
        guard let text = self[name] else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw SettingsError("\(name) must be a whole number between \(range.lowerBound) and \(range.upperBound), not \"\(text)\"")
        }
        return value
    }

    func choice<Choice: RawRepresentable<String>>(_ name: String, default standard: Choice, of all: [Choice]) throws(SettingsError) -> Choice {
        guard let text = self[name] else { return standard }
        guard let value = Choice(rawValue: text) else {
            throw SettingsError("\(name) must be one of \(all.map(\.rawValue).joined(separator: ", ")), not \"\(text)\"")
        }
        return value
    }

    func address(_ name: String, default standard: ListenAddress) throws(SettingsError) -> ListenAddress {
        guard let text = self[name] else { return standard }
        func wrong(_ why: String = "") -> SettingsError { SettingsError("\(name) must be HOST:PORT\(why), not \"\(text)\"") }
        if text.contains("://") { throw wrong(" without a scheme") }
        guard let colon = text.lastIndex(of: ":"), case let digits = text[text.index(after: colon)...] else { throw wrong() }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), port <= 65_535 else { throw wrong() }
        let host = text[..<colon]
        if host == "*" { throw wrong(" (0.0.0.0:\(port) is every IPv4 address, [::]:\(port) every IPv6 address)") }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard host.contains(":") else { throw wrong(" (only an IPv6 address stands in brackets)") }
            return ListenAddress(host: String(host.dropFirst().dropLast()), port: port)
        }
        if host.contains(":") { throw wrong(" (an IPv6 address stands in brackets)") }
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isOfHostName) else { throw wrong() }
        return ListenAddress(host: String(host), port: port)
    }

    private static func isOfHostName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// `RATE/BURST` or `off`, which is `nil`.
    func rateLimit(_ name: String, default standard: RateLimit?) throws(SettingsError) -> RateLimit? {
        guard let text = self[name] else { return standard }
        if text == "off" { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let rate = Int(parts[0]), let burst = Int(parts[1]), let limit = RateLimit(rate: rate, burst: burst) else {
            throw SettingsError("\(name) must be RATE/BURST (tokens per second / tokens at once), such as 5/10, or off, not \"\(text)\"")
        }
        return limit
    }

    func duration(_ name: String, default standard: Duration, range: ClosedRange<Duration>) throws(SettingsError) -> Duration {
        guard let text = self[name] else { return standard }
        guard let value = Duration(text: text), range.contains(value) else {
            throw SettingsError(
                "\(name) must be a duration between \(range.lowerBound.text) and \(range.upperBound.text), such as 500ms, 2s or 1m30s, not \"\(text)\""
            )
        }
        return value
    }
}
