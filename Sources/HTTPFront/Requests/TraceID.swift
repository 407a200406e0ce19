import SaleCore

/// The trace that a request belongs to, as W3C Trace Context names it: 32 lower-case hexadecimal
/// characters, not all of them zeros.
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Reads `traceparent`: `00-<trace>-<parent>-<flags>`, and what later versions put behind it.
    /// `nil` for anything else.
    init?(traceparent text: RawSpan) {
        guard text.byteCount >= 55, text.byte(at: 2) == Self.dash, text.byte(at: 35) == Self.dash, text.byte(at: 52) == Self.dash,
            text.byteCount == 55 || text.byte(at: 55) == Self.dash, text.byte(at: 0) != UInt8(ascii: "f") || text.byte(at: 1) != UInt8(ascii: "f"),
            let high = text.hexadecimalWord(at: 3), let low = text.hexadecimalWord(at: 19), high | low != 0
        else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// - Parameter values: of all headers of that name; two of them say nothing.
    init?(headerValues values: [String]) {
        // Safe: of bytes, none is padding.
        guard values.count == 1, let id = unsafe Self(traceparent: values[0].utf8Span.span.bytes) else { return nil }
        self = id
    }

    static let header = "traceparent"
    private static let dash = UInt8(ascii: "-")

    package var description: String {
        String(capacity: 32) {
            $0.write(hexadecimal: high)
            $0.write(hexadecimal: low)
        }
    }
}
