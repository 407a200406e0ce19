import NIOHTTP1
import SaleService

/// What no request may do, whatever its route: framing and routing that two parsers could read in two ways (RFC 9112, section 11.2).
enum RequestHygiene {
    /// `nil` for a clean head.
    static func problem(in head: HTTPRequestHead) -> Problem? {
        var hosts = 0
        var lengths = 0
        var codings = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.isEqualCaseInsensitively(to: "host"):
                hosts += 1
                if value.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ",") }) { return malformed("the Host header is not one host") }
            case 14 where name.isEqualCaseInsensitively(to: "content-length"):
                lengths += 1
            case 17 where name.isEqualCaseInsensitively(to: "transfer-encoding"):
                codings += 1
                if !value.isEqualCaseInsensitively(to: "chunked") { return malformed("Transfer-Encoding may only be chunked") }
            default: break
            }
            if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) { return malformed("a header holds a control character") }
        }
        if hosts > 1 || (hosts == 0 && head.version != .http1_0) { return malformed("exactly one Host header is wanted") }
        if lengths > 1 { return malformed("Content-Length is there twice") }
        if codings > 1 { return malformed("Transfer-Encoding is there twice") }
        if lengths > 0 && codings > 0 { return malformed("Content-Length and Transfer-Encoding are both there") }
        if head.uri.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") }) {
            return malformed("the target holds a character that must be percent-encoded")
        }
        return nil
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.malformedRequest, detail: "The request cannot be read in only one way: \(reason).")
    }
}

extension String {
    func isEqualCaseInsensitively(to lowercase: StaticString) -> Bool {
        lowercase.withUTF8Buffer { expected in
            utf8.count == expected.count
                && zip(utf8, expected).allSatisfy { byte, wanted in
                    byte == wanted || ((0x41...0x5A).contains(byte) && byte | 0x20 == wanted)
                }
        }
    }
}
