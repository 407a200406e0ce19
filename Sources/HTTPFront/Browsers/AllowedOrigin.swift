import SaleCore

/// What an answer says to a browser whose page is of an allowed origin (CORS). One object for all
/// answers to that origin.
final class AllowedOrigin: Sendable {
    /// As `Access-Control-Allow-Origin` has it.
    let value: String
    /// Of every answer but a preflight's, each with the line end in front of it.
    let headers: String
    /// The same of a preflight's.
    let preflightHeaders: String
    /// Answers to other origins differ.
    let varies: Bool

    /// What a page may read beside the body.
    static let exposedHeaders =
        "Location, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, Preference-Applied, X-Request-Id, ETag"
    static let allowedMethods = "GET, HEAD, POST"
    static let allowedHeaders = "Authorization, Content-Type, Idempotency-Key, Prefer, If-None-Match"
    /// Seconds; the longest that Chromium keeps it.
    static let maxAge = 7_200
    /// Of every preflight's answer.
    static let preflightVary = "Origin, Access-Control-Request-Headers"

    /// Public answers that caches keep are the same for everybody: with `Vary: Origin`, a cache
    /// would hold one for each origin.
    static let everybody = AllowedOrigin("*", varies: false)

    init(_ value: String, varies: Bool = true) {
        self.value = value
        self.varies = varies
        headers =
            "\r\nAccess-Control-Allow-Origin: \(value)" + (varies ? "\r\nVary: Origin" : "")
            + "\r\nAccess-Control-Expose-Headers: \(Self.exposedHeaders)"
        preflightHeaders =
            "\r\nAccess-Control-Allow-Origin: \(value)\r\nAccess-Control-Allow-Methods: \(Self.allowedMethods)"
            + "\r\nAccess-Control-Allow-Headers: \(Self.allowedHeaders)\r\nAccess-Control-Max-Age: \(Self.maxAge)"
    }

    /// - Parameter origin: the value of `Origin`.
    func isNamed(_ origin: RawSpan) -> Bool { origin.isEqual(to: value) }
}

/// Which origins' pages may read our answers. Never with credentials of the browser's own: tokens
/// travel in a header, which a foreign page does not have.
package struct AllowedOrigins: Sendable {
    private let origins: [AllowedOrigin]
    /// Set by `*`.
    private let any: AllowedOrigin?

    /// Reads `https://shop.example,http://localhost:3000`, or `*`; `nil` for anything that no
    /// browser sends as an origin.
    package init?(_ text: String) {
        if text == "*" {
            (origins, any) = ([], AllowedOrigin("*"))
            return
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.allSatisfy({ Self.isOrigin($0) }) else { return nil }
        (origins, any) = (names.map { AllowedOrigin(String($0)) }, nil)
    }

    func allowed(_ origin: RawSpan) -> AllowedOrigin? {
        any ?? origins.first { $0.isNamed(origin) }
    }

    /// - Parameter values: of all `Origin` headers of a request; two of them are of no browser.
    func allowed(_ values: [String]) -> AllowedOrigin? {
        guard values.count == 1 else { return nil }
        // Safe: of bytes, none is padding.
        return unsafe allowed(values[0].utf8Span.span.bytes)
    }

    /// A scheme, a host in lower case, and a port that is not the scheme's own; no path.
    private static func isOrigin(_ text: Substring) -> Bool {
        let schemes = [("https://", "443"), ("http://", "80")]
        guard let (scheme, standardPort) = schemes.first(where: { text.hasPrefix($0.0) }) else { return false }
        var host = text.dropFirst(scheme.count)
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            let port = host[host.index(after: colon)...]
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), port.first != "0", port != standardPort
            else {
                return false
            }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            return address.utf8.contains(UInt8(ascii: ":")) && address.utf8.allSatisfy { isOfHost($0) || $0 == UInt8(ascii: ":") }
        }
        return !host.isEmpty && host.utf8.allSatisfy(isOfHost)
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }
}
