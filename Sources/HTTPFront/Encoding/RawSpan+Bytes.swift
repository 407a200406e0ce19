/// Bytes of a request, read where they lie. Every access is checked against the span's bounds, in a
/// release, too.
extension RawSpan {
    @inline(__always) func byte(at offset: Int) -> UInt8 {
        // Safe: the bounds are checked, and any byte is a UInt8.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes, which need not be aligned.
    @inline(__always) func word(at offset: Int) -> UInt64 {
        // Safe: the bounds are checked, and any eight bytes are a UInt64.
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// The number that 16 lower-case hexadecimal characters write; `nil` when one of them is none.
    func hexadecimalWord(at offset: Int) -> UInt64? {
        guard byteCount - offset >= 16 else { return nil }
        var word: UInt64 = 0
        for place in offset..<offset + 16 {
            let digit: UInt8
            switch byte(at: place) {
            case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): digit = byte - UInt8(ascii: "0")
            case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            word = word << 4 | UInt64(digit)
        }
        return word
    }

    func isEqual(to text: String) -> Bool {
        // Safe: of bytes, none is padding.
        unsafe byteCount == text.utf8.count && WordScan.equal(self, at: 0, text.utf8Span.span.bytes)
    }

    /// A copy as text.
    var text: String {
        // Safe: the pointer does not leave the closure, and the text is a copy.
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    var isUTF8: Bool {
        // As above.
        unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) } != nil
    }
}

extension StaticString {
    var bytes: RawSpan {
        @_lifetime(immortal)
        get {
            // Safe: the text is part of the program, as long as it says and there for ever.
            let span = unsafe RawSpan(_unsafeStart: utf8Start, byteCount: utf8CodeUnitCount)
            return unsafe _overrideLifetime(span, copying: ())
        }
    }

    func isEqual(to other: StaticString) -> Bool {
        utf8CodeUnitCount == other.utf8CodeUnitCount && WordScan.equal(bytes, at: 0, other)
    }
}
