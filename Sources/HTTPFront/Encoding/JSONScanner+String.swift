extension JSONScanner {
    /// Reads a string. One without escapes is copied as it stands.
    mutating func string() throws(JSONSyntaxError) -> String {
        try expect("\"")
        let start = offset
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                let text = text(from: start)
                _ = try next()
                return text
            case UInt8(ascii: "\\"):
                return try escapedString(beginning: text(from: start))
            case 0..<0x20: throw failure(.unexpectedByte)
            default: _ = try next()
            }
        }
    }

    private mutating func escapedString(beginning: String) throws(JSONSyntaxError) -> String {
        var text = Array(beginning.utf8)
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                _ = try next()
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                _ = try next()
                text.append(contentsOf: String(try escapedCharacter()).utf8)
            case 0..<0x20: throw failure(.unexpectedByte)
            case let byte:
                text.append(byte)
                _ = try next()
            }
        }
    }

    private mutating func escapedCharacter() throws(JSONSyntaxError) -> Unicode.Scalar {
        switch try next() {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try codeUnit()
            if let scalar = Unicode.Scalar(first) { return scalar }
            guard UTF16.isLeadSurrogate(first), take("\\"), take("u") else { throw failure(.loneSurrogate) }
            let second = try codeUnit()
            guard UTF16.isTrailSurrogate(second) else { throw failure(.loneSurrogate) }
            return UTF16.decode(UTF16.EncodedScalar([first, second]))
        default: throw failure(.badEscape)
        }
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            let byte = try next()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw failure(.badEscape)
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
