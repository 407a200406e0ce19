/// Steps over the bytes of a request. Every step either takes what it names or leaves the position
/// where it was.
struct ByteScan: ~Escapable {
    typealias Span = FastPathPurchase.Span

    private let bytes: RawSpan
    private(set) var offset: Int

    /// - Parameter countMax: bytes behind it are not looked at.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, from offset: Int = 0, countMax: Int = Int(UInt16.max)) {
        self.bytes = bytes.extracting(first: min(countMax, Int(UInt16.max)))
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.byteCount }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.byteCount - offset >= count, WordScan.equal(bytes, at: offset, text) else { return false }
        offset += count
        return true
    }

    mutating func skipSpaces() {
        while offset < bytes.byteCount, bytes.byte(at: offset) == UInt8(ascii: " ") { offset += 1 }
    }

    /// A sale's or SKU's name: 1–64 of `a-z 0-9 . _ -`, beginning with a letter or digit.
    mutating func name() -> Span? {
        guard offset < bytes.byteCount, !Self.isMark(bytes.byte(at: offset)) else { return nil }
        return span(countMax: 64, while: Self.isOfName)
    }

    /// A header's name, of letters, digits and hyphens: more is allowed, and unusual.
    mutating func token() -> Span? {
        span(countMax: 64, while: Self.isOfToken)
    }

    /// A target that begins with a slash, of characters that mean nothing else.
    mutating func path() -> Span? {
        guard offset < bytes.byteCount, bytes.byte(at: offset) == UInt8(ascii: "/") else { return nil }
        return span(countMax: 1_024, while: Self.isOfPath)
    }

    /// A whole number without leading zeros, of at most four digits.
    mutating func digits() -> Int? {
        var value = 0
        let start = offset
        while offset < bytes.byteCount, offset - start < 4, let digit = Self.digit(bytes.byte(at: offset)) {
            value = value * 10 + digit
            offset += 1
        }
        guard offset > start, bytes.byte(at: start) != UInt8(ascii: "0") || offset - start == 1 else { return nil }
        return value
    }

    /// A header's value up to its CRLF, without the blanks around it; of visible ASCII, spaces and
    /// tabs alone.
    mutating func value() -> Span? {
        var start = offset
        while start < bytes.byteCount, Self.isBlank(bytes.byte(at: start)) { start += 1 }
        var end = WordScan.firstOutside(0x20...0x7E, in: bytes, from: start)
        while end < bytes.byteCount, Self.isOfValue(bytes.byte(at: end)) { end += 1 }
        guard end + 1 < bytes.byteCount, bytes.byte(at: end) == UInt8(ascii: "\r"), bytes.byte(at: end + 1) == UInt8(ascii: "\n") else { return nil }
        offset = end + 2
        while end > start, Self.isBlank(bytes.byte(at: end - 1)) { end -= 1 }
        return Span(start: UInt16(start), count: UInt16(end - start))
    }

    private mutating func span(countMax: Int, while isTaken: (UInt8) -> Bool) -> Span? {
        var end = offset
        while end < bytes.byteCount, isTaken(bytes.byte(at: end)) { end += 1 }
        guard end > offset, end - offset <= countMax else { return nil }
        defer { offset = end }
        return Span(start: UInt16(offset), count: UInt16(end - offset))
    }

    // MARK: What a value says

    @_lifetime(copy self)
    private func bytes(of span: Span) -> RawSpan {
        bytes.extracting(Int(span.start)..<Int(span.start) + Int(span.count))
    }

    func equals(_ span: Span, _ text: StaticString) -> Bool {
        Int(span.count) == text.utf8CodeUnitCount && hasPrefix(span, text)
    }

    private func hasPrefix(_ span: Span, _ text: StaticString) -> Bool {
        Int(span.count) >= text.utf8CodeUnitCount && WordScan.equal(bytes, at: Int(span.start), text)
    }

    /// The media type of JSON, whatever its parameters.
    func isJSON(_ span: Span) -> Bool {
        equals(span, "application/json") || hasPrefix(span, "application/json;")
    }

    /// - Parameter lowercase: letters and hyphens.
    func equalsIgnoringCase(_ span: Span, _ lowercase: StaticString) -> Bool {
        let (value, expected) = (bytes(of: span), lowercase.bytes)
        guard value.byteCount == expected.byteCount else { return false }
        // A token's bytes differ from others' by this bit only as letters; of hyphens and digits it
        // is set already.
        for index in 0..<value.byteCount where value.byte(at: index) | 0x20 != expected.byte(at: index) { return false }
        return true
    }

    /// A tab stands among the blanks behind the value.
    func isTabBehind(_ span: Span) -> Bool {
        var index = Int(span.start) + Int(span.count)
        while index < bytes.byteCount, Self.isBlank(bytes.byte(at: index)) {
            if bytes.byte(at: index) == UInt8(ascii: "\t") { return true }
            index += 1
        }
        return false
    }

    func number(_ span: Span) -> Int? {
        var scan = ByteScan(bytes(of: span))
        guard let value = scan.digits(), scan.isAtEnd else { return nil }
        return value
    }

    func isVisible(_ span: Span) -> Bool { Self.isVisible(bytes(of: span)) }

    private static func isVisible(_ value: RawSpan) -> Bool {
        WordScan.firstOutside(0x21...0x7E, in: value, from: 0) == value.byteCount
    }

    /// One host, as the validation of requests wants it.
    func isHost(_ span: Span) -> Bool {
        guard span.count > 0, isVisible(span) else { return false }
        let value = bytes(of: span)
        for index in 0..<value.byteCount {
            switch value.byte(at: index) {
            case UInt8(ascii: ","), UInt8(ascii: "@"), UInt8(ascii: "/"): return false
            default: break
            }
        }
        return true
    }

    /// `Bearer`, one space, a token of visible characters.
    func isBearer(_ span: Span) -> Bool {
        hasPrefix(span, "Bearer ") && span.count > 7 && Self.isVisible(bytes(of: span).extracting(7...))
    }

    /// An idempotency key, quoted or bare, of 1–255 visible characters without quotes inside.
    func isKey(_ span: Span) -> Bool {
        let (value, quote) = (bytes(of: span), UInt8(ascii: "\""))
        let isQuoted = value.byteCount > 2 && value.byte(at: 0) == quote && value.byte(at: value.byteCount - 1) == quote
        let text = isQuoted ? value.extracting(1..<value.byteCount - 1) : value
        guard (1...255).contains(text.byteCount), Self.isVisible(text) else { return false }
        for index in 0..<text.byteCount where text.byte(at: index) == quote { return false }
        return true
    }

    // MARK: Classes of bytes

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isOfPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "="), UInt8(ascii: "&"), UInt8(ascii: "~"): true
        default: isOfName(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
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
