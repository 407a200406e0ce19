/// A JSON value that holds no other.
package enum JSONScalar: Sendable, Equatable {
    case string(String)
    case number(JSONNumber)
    case bool(Bool)
    case null
}

/// A JSON number, kept as it was written.
package struct JSONNumber: Sendable, Equatable {
    package enum Form: Sendable {
        case asInteger
        /// Such as `1.0` or `1e3`, whatever its value.
        case withFractionOrExponent
    }

    package let text: String
    package let isWritten: Form

    /// The value, when it is whole and fits, however it is written: `1`, `1.0`, `10e-1`. Writers
    /// that know no integers write the second.
    package var integer: Int64? { isWritten == .asInteger ? Int64(text) : wholeValue }
    package var double: Double { Double(text) ?? .nan }

    /// Of digits and an exponent: no `Double` holds every `Int64`.
    private var wholeValue: Int64? {
        let parts = text.utf8.split(maxSplits: 1) { $0 | 0x20 == UInt8(ascii: "e") }
        let mantissa = parts[0].split(separator: UInt8(ascii: "."), maxSplits: 1)
        var digits = mantissa.joined().filter { $0 != UInt8(ascii: "-") }[...].drop { $0 == UInt8(ascii: "0") }
        let written = digits.count
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        guard !digits.isEmpty else { return 0 }
        guard let exponent = parts.count > 1 ? Int32(Substring(parts[1])) : 0 else { return nil }
        let zeros = written - digits.count + Int(exponent) - (mantissa.count > 1 ? mantissa[1].count : 0)
        guard (0...18).contains(zeros), digits.count + zeros <= 19 else { return nil }
        let sign = text.utf8.first == UInt8(ascii: "-") ? "-" : ""
        return Int64(sign + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: zeros))
    }
}

/// The value of a member of a flat object.
package enum JSONMember: Sendable, Equatable {
    case scalar(JSONScalar)
    /// An object or array: checked for syntax and stepped over.
    case nested
}

/// Reads one JSON object, member by member, without building it.
package enum FlatJSONReader {
    package static let membersMax = 64

    /// Calls `visit` with each member, in the order of the text. What was visited counts only when
    /// the call returns: the syntax is known to be right to the end only then.
    ///
    /// - Throws: for anything but exactly one object, for a name that occurs twice, and for more
    ///   than `membersMax` members.
    package static func read(
        _ bytes: RawSpan, visit: (_ name: String, _ value: JSONMember) -> Void
    ) throws(JSONSyntaxError) {
        var scanner = try JSONScanner(bytes)
        scanner.skipWhitespace()
        guard try scanner.peek() == UInt8(ascii: "{") else {
            try scanner.skipValue(depth: 1)
            try end(&scanner)
            throw JSONSyntaxError(.notAnObject, offset: 0)
        }
        _ = try scanner.next()
        scanner.skipWhitespace()
        if !scanner.take("}") {
            var names: [String] = []
            repeat {
                scanner.skipWhitespace()
                let name = try scanner.string()
                // By bytes: a `String` equals another spelling of the same characters, a member's
                // name does not.
                guard !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else { throw scanner.failure(.duplicateMember) }
                guard names.count < membersMax else { throw scanner.failure(.tooManyMembers) }
                names.append(name)
                scanner.skipWhitespace()
                try scanner.expect(":")
                scanner.skipWhitespace()
                switch try scanner.peek() {
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    try scanner.skipValue(depth: 2)
                    visit(name, .nested)
                default:
                    visit(name, .scalar(try scanner.scalar()))
                }
                scanner.skipWhitespace()
            } while scanner.take(",")
            try scanner.expect("}")
        }
        try end(&scanner)
    }

    /// The same of bytes that are no buffer.
    package static func read(_ bytes: [UInt8], visit: (_ name: String, _ value: JSONMember) -> Void) throws(JSONSyntaxError) {
        // Safe: of bytes, none is padding.
        try unsafe read(bytes.span.bytes, visit: visit)
    }

    private static func end(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        scanner.skipWhitespace()
        guard scanner.isAtEnd else { throw scanner.failure(.trailingBytes) }
    }
}
