package import NIOCore
import SaleCore
import SaleService

/// Names one request in its answer and in the log.
package enum RequestID: Hashable, Sendable, CustomStringConvertible {
    /// As this service makes them: 16 lower-case hexadecimal characters.
    case number(UInt64)
    /// As a trusted proxy has named it, in any other form.
    case text(String)

    /// What a trusted proxy says: 1–64 of `A–Z a–z 0–9 . _ -`. `nil` for anything else, which would
    /// not be safe to repeat in an answer and in a log.
    init?(_ text: RawSpan) {
        guard (1...Limits.requestIDBytesMax).contains(text.byteCount), text.isRequestID else { return nil }
        if text.byteCount == Self.numberByteCount, let number = text.hexadecimalWord(at: 0) {
            self = .number(number)
        } else {
            self = .text(text.text)
        }
    }

    init?(_ text: String) {
        // Safe: of bytes, none is padding.
        unsafe self.init(text.utf8Span.span.bytes)
    }

    /// - Parameter values: of all headers of that name; two of them name nothing.
    init?(headerValues values: [String]) {
        guard values.count == 1, let id = Self(values[0]) else { return nil }
        self = id
    }

    static let header = "X-Request-Id"
    static let numberByteCount = 16

    var byteCount: Int {
        switch self {
        case .number: Self.numberByteCount
        case .text(let text): text.utf8.count
        }
    }

    package func write(into buffer: inout ByteBuffer) {
        buffer.writeWithOutputRawSpan(minimumWritableBytes: byteCount) { write(into: &$0) }
    }

    func write(into cursor: inout OutputRawSpan) {
        switch self {
        case .number(let number): cursor.write(hexadecimal: number)
        case .text(let text): cursor.write(text)
        }
    }

    package var description: String {
        switch self {
        case .number(let number): String(capacity: Self.numberByteCount) { $0.write(hexadecimal: number) }
        case .text(let text): text
        }
    }
}

/// Makes request ids that differ from one another for 2⁶⁴ requests (SplitMix64: a bijection over a
/// counter) and from other generators' by chance. One per event loop. Not for secrets.
package struct RequestIDGenerator: Sendable {
    private var state: UInt64

    package init() {
        var random = SystemRandomNumberGenerator()
        self.state = random.next()
    }

    package mutating func next() -> RequestID {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return .number(mixed ^ (mixed >> 31))
    }
}

extension RawSpan {
    fileprivate var isRequestID: Bool {
        for offset in 0..<byteCount {
            switch byte(at: offset) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                continue
            default: return false
            }
        }
        return true
    }
}
