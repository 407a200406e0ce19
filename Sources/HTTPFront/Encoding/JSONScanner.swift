/// Reads JSON strictly as RFC 8259 writes it, one token at a time.
struct JSONScanner: ~Escapable {
    /// Arrays and objects inside one another, the outermost counted.
    static let depthMax = 32

    private let bytes: RawSpan
    private(set) var offset = 0

    /// - Throws: `notUTF8`, for then nothing else about the bytes can be trusted.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) throws(JSONSyntaxError) {
        self.bytes = bytes
        let isASCII = WordScan.firstOutside(0...0x7F, in: bytes, from: 0) == bytes.byteCount
        guard isASCII || bytes.isUTF8 else { throw JSONSyntaxError(.notUTF8, offset: 0) }
    }

    var isAtEnd: Bool { offset == bytes.byteCount }

    func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError { JSONSyntaxError(reason, offset: offset) }

    mutating func skipWhitespace() {
        while offset < bytes.byteCount {
            switch bytes.byte(at: offset) {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    func peek() throws(JSONSyntaxError) -> UInt8 {
        guard offset < bytes.byteCount else { throw failure(.unexpectedEnd) }
        return bytes.byte(at: offset)
    }

    mutating func next() throws(JSONSyntaxError) -> UInt8 {
        let byte = try peek()
        offset += 1
        return byte
    }

    /// Takes `expected` if it is next.
    mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard offset < bytes.byteCount, bytes.byte(at: offset) == UInt8(ascii: expected) else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ expected: Unicode.Scalar) throws(JSONSyntaxError) {
        guard take(expected) else { throw failure(isAtEnd ? .unexpectedEnd : .unexpectedByte) }
    }

    mutating func expect(word: StaticString) throws(JSONSyntaxError) {
        for index in 0..<word.bytes.byteCount {
            guard try next() == word.bytes.byte(at: index) else {
                offset -= 1
                throw failure(.unexpectedByte)
            }
        }
    }

    /// The text between `start` and here.
    func text(from start: Int) -> String {
        bytes.extracting(start..<offset).text
    }

    /// Steps over any value, however deep it nests up to `depthMax`.
    mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.depthMax else { throw failure(.tooDeep) }
        skipWhitespace()
        switch try peek() {
        case UInt8(ascii: "{"):
            offset += 1
            skipWhitespace()
            if take("}") { return }
            repeat {
                skipWhitespace()
                _ = try string()
                skipWhitespace()
                try expect(":")
                try skipValue(depth: depth + 1)
                skipWhitespace()
            } while take(",")
            try expect("}")
        case UInt8(ascii: "["):
            offset += 1
            skipWhitespace()
            if take("]") { return }
            repeat {
                try skipValue(depth: depth + 1)
                skipWhitespace()
            } while take(",")
            try expect("]")
        default:
            _ = try scalar()
        }
    }

    /// Reads a value that is neither object nor array.
    mutating func scalar() throws(JSONSyntaxError) -> JSONScalar {
        switch try peek() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try expect(word: "true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect(word: "false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect(word: "null")
            return .null
        default:
            return .number(try number())
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = offset
        var isWhole = true
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        return JSONNumber(text: text(from: start), isWritten: isWhole ? .asInteger : .withFractionOrExponent)
    }

    /// One digit or more.
    private mutating func digits() throws(JSONSyntaxError) {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(try peek()) else { throw failure(.unexpectedByte) }
        while offset < bytes.byteCount, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes.byte(at: offset)) { offset += 1 }
    }
}
