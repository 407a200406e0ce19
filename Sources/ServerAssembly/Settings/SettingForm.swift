import HTTPFront
import SaleCore

/// What a value must be, as it is said to whoever gave another one.
struct NotAllowed: Error {
    var allowed: String
}

/// How the text of a setting is read, and written again.
struct SettingForm<Value>: Sendable {
    let read: @Sendable (String) throws(NotAllowed) -> Value
    /// A text that `read` makes the same value of; empty for none.
    let write: @Sendable (Value) -> String

    private init(_ read: @escaping @Sendable (String) throws(NotAllowed) -> Value, write: @escaping @Sendable (Value) -> String) {
        self.read = read
        self.write = write
    }

    /// - Parameter read: `nil` for what is not allowed.
    private init(_ allowed: String, _ read: @escaping @Sendable (String) -> Value?, write: @escaping @Sendable (Value) -> String) {
        self.init(
            { (text) throws(NotAllowed) in
                guard let value = read(text) else { throw NotAllowed(allowed: allowed) }
                return value
            }, write: write)
    }
}

extension SettingForm where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static func choice() -> SettingForm {
        SettingForm("one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) {
            Value(rawValue: $0)
        } write: {
            $0.rawValue
        }
    }
}

extension SettingForm<String> {
    static var text: SettingForm {
        SettingForm("a text") {
            $0
        } write: {
            $0
        }
    }
}

extension SettingForm<String?> {
    static var text: SettingForm {
        SettingForm("a text") {
            .some($0)
        } write: {
            $0 ?? ""
        }
    }
}

extension SettingForm<String?> {
    static var headerName: SettingForm {
        SettingForm("the name of a header, such as X-Forwarded-User") { text in
            text.utf8.allSatisfy { isOfHostName($0) && $0 != UInt8(ascii: ".") } ? .some(text) : nil
        } write: {
            $0 ?? ""
        }
    }
}

extension SettingForm<[String]> {
    static var hosts: SettingForm {
        SettingForm("names of hosts with or without a port, such as seckill.example.com,ops:9443") { text in
            let hosts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return hosts.allSatisfy(isHost) ? hosts : nil
        } write: {
            $0.joined(separator: ",")
        }
    }

    private static func isHost(_ text: String) -> Bool {
        let host = text.hasPrefix("[") ? text[...] : text.prefix { $0 != ":" }
        let port = text[host.endIndex...].dropFirst()
        let isIPv6 = host.hasPrefix("[") && host.contains("]") && host.utf8.allSatisfy { isOfHostName($0) || "[]:".utf8.contains($0) }
        return isIPv6 || !host.isEmpty && host.utf8.allSatisfy(isOfHostName) && (host.endIndex == text.endIndex || UInt16(port) != nil)
    }
}

extension SettingForm<Bool> {
    static var onOrOff: SettingForm {
        SettingForm("on or off") {
            ["on": true, "off": false][$0]
        } write: {
            $0 ? "on" : "off"
        }
    }
}

extension SettingForm<Int> {
    static func integer(_ range: ClosedRange<Int>) -> SettingForm {
        SettingForm("a whole number between \(range.lowerBound) and \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } write: {
            String($0)
        }
    }
}

extension SettingForm<Duration> {
    static func duration(_ range: ClosedRange<Duration>) -> SettingForm {
        SettingForm("a duration between \(range.lowerBound.text) and \(range.upperBound.text), such as 500ms, 2s or 1m30s") { text in
            Duration(text: text).flatMap { range.contains($0) ? $0 : nil }
        } write: {
            $0.text
        }
    }
}

extension SettingForm<RateLimit?> {
    static var rateLimit: SettingForm {
        SettingForm("RATE/BURST (tokens per second / tokens at once), such as 5/10, or off") { text in
            if text == "off" { return .some(nil) }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let rate = Int(parts[0]), let burst = Int(parts[1]) else { return nil }
            return RateLimit(rate: rate, burst: burst).map { .some($0) }
        } write: { limit in
            limit.map { "\($0.rate)/\($0.burst)" } ?? "off"
        }
    }
}

extension SettingForm<Written<TrustedProxies>?> {
    static var trustedProxies: SettingForm {
        SettingForm("addresses or blocks of them, such as 10.0.0.7,10.1.0.0/16,2001:db8::/32") { text in
            TrustedProxies(text).map { .some(Written(value: $0, text: text)) }
        } write: {
            $0?.text ?? ""
        }
    }
}

extension SettingForm<Written<AllowedOrigins>?> {
    static var origins: SettingForm {
        SettingForm("origins as browsers send them (no path, no standard port), such as https://shop.example,http://localhost:3000, or *") { text in
            AllowedOrigins(text).map { .some(Written(value: $0, text: text)) }
        } write: {
            $0?.text ?? ""
        }
    }
}

extension SettingForm<AccessLogSetting> {
    static var accessLog: SettingForm {
        SettingForm("off, errors, all, or how many lines a second, from 1 to 1000000") { text in
            switch text {
            case "off": .off
            case "errors": .errors
            case "all": .all
            default: Int(text).flatMap { (1...1_000_000).contains($0) ? .sampled(perSecond: $0) : nil }
            }
        } write: { setting in
            switch setting {
            case .off: "off"
            case .errors: "errors"
            case .sampled(let perSecond): String(perSecond)
            case .all: "all"
            }
        }
    }
}

extension SettingForm<ListenAddress> {
    static var address: SettingForm {
        SettingForm { (text) throws(NotAllowed) in
            func wrong(_ why: String = "") -> NotAllowed { NotAllowed(allowed: "HOST:PORT\(why)") }
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
            guard !host.isEmpty, host.utf8.allSatisfy(isOfHostName) else { throw wrong() }
            return ListenAddress(host: String(host), port: port)
        } write: {
            $0.description
        }
    }
}

private func isOfHostName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}
