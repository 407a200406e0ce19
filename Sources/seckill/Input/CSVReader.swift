/// Splits CSV into records by RFC 4180, taking line ends of either kind. Strict: what the RFC does
/// not allow is an error, never a guess.
struct CSVReader {
    struct Record: Equatable {
        /// The line of the file, counted from 1, on which the record begins.
        var line: Int
        var fields: [String]
    }

    struct Fault: Error, Equatable {
        var line: Int
        var reason: String
    }

    private let bytes: [UInt8]
    private var index: Int
    private var line = 1

    /// - Parameter bytes: UTF-8, with or without a byte order mark.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.index = TextEncoding.markLength(of: bytes)
    }

    /// The next record or what is wrong with it; `nil` at the end. After a fault, reading goes on
    /// with the next line.
    mutating func next() -> Result<Record, Fault>? {
        guard index < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        do throws(Fault) {
            while true {
                let field = try current == UInt8(ascii: "\"") ? quotedField() : Array(bareField())
                guard let text = String(validating: field, as: UTF8.self) else { throw Fault(line: start, reason: "is not UTF-8") }
                fields.append(text)
                switch current {
                case UInt8(ascii: ","): index += 1
                case nil: return .success(Record(line: start, fields: fields))
                default:
                    try endLine()
                    return .success(Record(line: start, fields: fields))
                }
            }
        } catch {
            skipLine()
            return .failure(error)
        }
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func bareField() throws(Fault) -> ArraySlice<UInt8> {
        let start = index
        while let byte = current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
            if byte == UInt8(ascii: "\"") { throw Fault(line: line, reason: "has a quote inside a field that does not begin with one") }
            if byte == 0 { throw Fault(line: line, reason: "has a NUL byte") }
            index += 1
        }
        return bytes[start..<index]
    }

    private mutating func quotedField() throws(Fault) -> [UInt8] {
        let opened = line
        var field: [UInt8] = []
        index += 1
        while let byte = current {
            index += 1
            if byte == 0 { throw Fault(line: line, reason: "has a NUL byte") }
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "\"") else {
                field.append(byte)
                continue
            }
            switch current {
            case UInt8(ascii: "\""):
                field.append(byte)
                index += 1
            case nil, UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                return field
            default:
                throw Fault(line: line, reason: "has text after a closing quote")
            }
        }
        throw Fault(line: opened, reason: "has a quote that is never closed")
    }

    private mutating func endLine() throws(Fault) {
        if current == UInt8(ascii: "\r") {
            index += 1
            guard current == UInt8(ascii: "\n") else { throw Fault(line: line, reason: "has a carriage return that does not end the line") }
        }
        index += 1
        line += 1
    }

    private mutating func skipLine() {
        while let byte = current, byte != UInt8(ascii: "\n") { index += 1 }
        if current != nil {
            index += 1
            line += 1
        }
    }
}
