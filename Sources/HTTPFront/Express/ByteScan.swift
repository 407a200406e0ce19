/// Steps over the bytes of a request. Every step either takes what it names or leaves the position where it was.
struct ByteScan {
    typealias Span = ExpressPurchase.Span

    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int

    /// - Parameter countMax: bytes behind it are not looked at.
    init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0, countMax: Int = Int(UInt16.max)) {
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(min(countMax, Int(UInt16.max))))
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - offset >= count, EightBytes.equal(bytes, at: offset, text) else { return false }
        offset += count
        return true
    }

    mutating func skipSpaces() {
        while offset < bytes.count, bytes[offset] == UInt8(ascii: " ") { offset += 1 }
    }

    /// A sale's or SKU's name: 1–64 of `a-z 0-9 . _ -`, beginning with a letter or digit.
    mutating func name() -> Span? {
        guard offset < bytes.count, !Self.isMark(bytes[offset]) else { return nil }
        return span(countMax: 64, while: Self.isOfName)
    }

    /// A header's name, of letters, digits and hyphens: more is allowed, and unusual.
    mutating func token() -> Span? {
        span(countMax: 64, while: Self.isOfToken)
    }

    /// A whole number without leading zeros, of at most four digits.
    mutating func digits() -> Int? {
        var value = 0
        let start = offset
        while offset < bytes.count, offset - start < 4, let digit = Self.digit(bytes[offset]) {
            value = value * 10 + digit
            offset += 1
        }
        guard offset > start, bytes[start] != UInt8(ascii: "0") || offset - start == 1 else { return nil }
        return value
    }

    /// A header's value up to its CRLF, without the blanks around it; of visible ASCII, spaces and tabs alone.
    mutating func value() -> Span? {
        var start = offset
        while start < bytes.count, Self.isBlank(bytes[start]) { start += 1 }
        var end = EightBytes.firstOutside(0x20...0x7E, in: bytes, from: start)
        while end < bytes.count, Self.isOfValue(bytes[end]) { end += 1 }
        guard end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else { return nil }
        offset = end + 2
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return Span(start: UInt16(start), count: UInt16(end - start))
    }

    private mutating func span(countMax: Int, while isTaken: (UInt8) -> Bool) -> Span? {
        var end = offset
        while end < bytes.count, isTaken(bytes[end]) { end += 1 }
        guard end > offset, end - offset <= countMax else { return nil }
        defer { offset = end }
        return Span(start: UInt16(offset), count: UInt16(end - offset))
    }

    // MARK: What a value says

    private func bytes(of span: Span) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(span.start)..<Int(span.start) + Int(span.count)])
    }

    func equals(_ span: Span, _ text: StaticString) -> Bool {
        Int(span.count) == text.utf8CodeUnitCount && hasPrefix(span, text)
    }

    private func hasPrefix(_ span: Span, _ text: StaticString) -> Bool {
        Int(span.count) >= text.utf8CodeUnitCount && EightBytes.equal(bytes, at: Int(span.start), text)
    }

    /// The media type of JSON, whatever its parameters.
    func isJSON(_ span: Span) -> Bool {
        equals(span, "application/json") || hasPrefix(span, "application/json;")
    }

    /// - Parameter lowercase: letters and hyphens.
    func equalsIgnoringCase(_ span: Span, _ lowercase: StaticString) -> Bool {
        let (value, expected) = (bytes(of: span), lowercase.utf8Start)
        // A token's bytes differ from others' by this bit only as letters; of hyphens and digits it is set already.
        for index in 0..<value.count where value[index] | 0x20 != expected[index] { return false }
        return true
    }

    func number(_ span: Span) -> Int? {
        var scan = ByteScan(bytes(of: span))
        guard let value = scan.digits(), scan.isAtEnd else { return nil }
        return value
    }

    func isVisible(_ span: Span) -> Bool { Self.isVisible(bytes(of: span)) }

    private static func isVisible(_ value: UnsafeRawBufferPointer) -> Bool {
        EightBytes.firstOutside(0x21...0x7E, in: value, from: 0) == value.count
    }

    /// One host, as the hygiene check wants it.
    func isHost(_ span: Span) -> Bool {
        span.count > 0 && isVisible(span)
            && !bytes(of: span).contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }
    }

    /// `Bearer`, one space, a token of visible characters.
    func isBearer(_ span: Span) -> Bool {
        hasPrefix(span, "Bearer ") && span.count > 7 && Self.isVisible(UnsafeRawBufferPointer(rebasing: bytes(of: span)[7...]))
    }

    /// An idempotency key, quoted or bare, of 1–255 visible characters without quotes inside.
    func isKey(_ span: Span) -> Bool {
        let value = bytes(of: span)
        let isQuoted = value.count > 2 && value[0] == UInt8(ascii: "\"") && value[value.count - 1] == UInt8(ascii: "\"")
        let text = isQuoted ? value[1..<(value.count - 1)] : value[...]
        return (1...255).contains(text.count) && text.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
    }

    // MARK: Classes of bytes

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isMark(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isOfValue(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) || byte == UInt8(ascii: "\t") }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
