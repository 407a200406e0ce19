package import NIOCore

/// Names one request in its answer and in the log: 16 lower-case hexadecimal characters.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 16

    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package func write(into buffer: inout ByteBuffer) {
        buffer.writeWithOutputRawSpan(minimumWritableBytes: Self.byteCount) { span in forEachTextByte { span.append($0) } }
    }

    func forEachTextByte(_ emit: (UInt8) -> Void) {
        for index in 0..<Self.byteCount { emit(character(index)) }
    }

    /// Overwrites what stands at `offset`.
    func write(into buffer: inout ByteBuffer, at offset: Int) {
        buffer.setInteger(Self.text(UInt32(truncatingIfNeeded: rawValue >> 32)), at: offset)
        buffer.setInteger(Self.text(UInt32(truncatingIfNeeded: rawValue)), at: offset + 8)
    }

    /// The eight characters of `word`, the first in the highest byte; all at once, since each refusal writes four of them.
    private static func text(_ word: UInt32) -> UInt64 {
        var nibbles = UInt64(word)
        nibbles = (nibbles << 16 | nibbles) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles << 8 | nibbles) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles << 4 | nibbles) & 0x0F0F_0F0F_0F0F_0F0F
        // One in each byte that holds ten or more: those are letters, which stand 39 places further on.
        let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles + 0x3030_3030_3030_3030 + letters * 39
    }

    package var description: String {
        String(decoding: (0..<Self.byteCount).map(character), as: UTF8.self)
    }

    private func character(_ index: Int) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: rawValue >> UInt64(60 - 4 * index)) & 0xF
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
    }
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
