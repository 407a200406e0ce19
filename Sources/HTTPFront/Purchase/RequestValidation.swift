import NIOHTTP1
import SaleService

/// What no request may do, whatever its route: framing and routing that two parsers could read in
/// two ways (RFC 9112, section 11.2).
///
/// The decoder in front refuses what is malformed in bytes; this looks at what is well-formed and
/// still ambiguous.
enum RequestValidation {
    /// Throws for a head that is not clean. Brings a target in absolute form into its origin form.
    static func check(_ head: inout HTTPRequestHead) throws(Problem) {
        var host: String?
        var lengths = 0
        var codings = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.isEqualCaseInsensitively(to: "host"):
                guard host == nil else { throw malformed("exactly one Host header is wanted") }
                host = value
                if value.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }) {
                    throw malformed("the Host header is not one host")
                }
            case 14 where name.isEqualCaseInsensitively(to: "content-length"):
                lengths += 1
                // The decoder itself would take a list of equal numbers.
                if !value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) || value.isEmpty {
                    throw malformed("Content-Length is not a number")
                }
            case 17 where name.isEqualCaseInsensitively(to: "transfer-encoding"):
                codings += 1
                if !value.isEqualCaseInsensitively(to: "chunked") { throw malformed("Transfer-Encoding may only be chunked") }
            default: break
            }
            if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) { throw malformed("a header holds a control character") }
        }
        if host == nil, head.version != .http1_0 { throw malformed("exactly one Host header is wanted") }
        if lengths > 1 { throw malformed("Content-Length is there twice") }
        if codings > 1 { throw malformed("Transfer-Encoding is there twice") }
        if lengths > 0 && codings > 0 { throw malformed("Content-Length and Transfer-Encoding are both there") }
        if codings > 0, head.version == .http1_0 { throw malformed("HTTP/1.0 has no Transfer-Encoding") }
        if head.uri.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") }) {
            throw malformed("the target holds a character that must be percent-encoded")
        }
        if head.method == .CONNECT { throw Problem(.methodNotImplemented) }
        if head.uri.utf8.first != UInt8(ascii: "/") { head.uri = try originForm(of: head.uri, host: host, method: head.method) }
    }

    /// The origin form of a target in absolute form, which a server must take from anybody (RFC
    /// 9112, section 3.2.2), but only for the host that the request is for.
    private static func originForm(of target: String, host: String?, method: HTTPMethod) throws(Problem) -> String {
        if target == "*", method == .OPTIONS { return target }
        guard let scheme = target.firstRange(of: "://"), ["http", "https"].contains(target[..<scheme.lowerBound].lowercased()) else {
            throw malformed("the target is neither a path nor a URI")
        }
        let rest = target[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let host, authority.lowercased() == host.lowercased() else { throw malformed("the target names another host") }
        let path = rest[authority.endIndex...]
        return path.hasPrefix("/") ? String(path) : "/" + path
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.malformedRequest, detail: "The request cannot be read in only one way: \(reason).")
    }
}

extension String {
    func isEqualCaseInsensitively(to lowercase: StaticString) -> Bool {
        let expected = lowercase.bytes
        guard utf8.count == expected.byteCount else { return false }
        for (index, byte) in utf8.enumerated() {
            let wanted = expected.byte(at: index)
            guard byte == wanted || ((0x41...0x5A).contains(byte) && byte | 0x20 == wanted) else { return false }
        }
        return true
    }
}
