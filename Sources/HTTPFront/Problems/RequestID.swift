package import NIOCore
import SaleCore

/// Names one request in its answer and in the log: 16 lower-case hexadecimal characters.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 16

    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package func write(into buffer: inout ByteBuffer) {
        buffer.writeWithOutputRawSpan(minimumWritableBytes: Self.byteCount) { $0.write(hexadecimal: rawValue) }
    }

    /// Overwrites what stands at `offset`.
    func write(into buffer: inout ByteBuffer, at offset: Int) {
        buffer.setInteger(Hexadecimal.text(UInt32(truncatingIfNeeded: rawValue >> 32)), at: offset)
        buffer.setInteger(Hexadecimal.text(UInt32(truncatingIfNeeded: rawValue)), at: offset + 8)
    }

    package var description: String { String(capacity: Self.byteCount) { $0.write(hexadecimal: rawValue) } }
}

/// Makes request ids that differ from one another for 2⁶⁴ requests (SplitMix64: a bijection over a counter) and from other generators' by chance.
/// One per event loop. Not for secrets.
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
        return RequestID(rawValue: mixed ^ (mixed >> 31))
    }
}
