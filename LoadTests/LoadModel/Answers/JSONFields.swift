/// Finds a string member of a JSON object without building the object.
enum JSONFields {
    /// The value of the member `name` of the object at `range`, if it is a string without escapes;
    /// members of nested objects do not count.
    static func string(_ name: StaticString, in bytes: Span<UInt8>, at range: Range<Int>) -> String? {
        var depth = 0
        var index = range.lowerBound
        // The last string at depth one, until something else than a colon follows it.
        var key: Range<Int>?
        var isValue = false
        while index < range.upperBound {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard let text = stringContent(bytes, from: index + 1, to: range.upperBound) else { return nil }
                if depth == 1, isValue, let named = key, matches(name, bytes, named) { return decode(bytes, text) }
                if depth == 1, !isValue { key = text }
                index = text.upperBound
            case UInt8(ascii: ":"): if depth == 1 { isValue = true }
            case UInt8(ascii: ","):
                if depth == 1 {
                    isValue = false
                    key = nil
                }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The range of a string's content, its quotes excluded.
    private static func stringContent(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Range<Int>? {
        var index = start
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "\""): return start..<index
            default: index += 1
            }
        }
        return nil
    }

    private static func matches(_ name: StaticString, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        // Lives as long as the program, and is as long as the range.
        return name.withUTF8Buffer { expected in
            expected.indices.allSatisfy { unsafe bytes[range.lowerBound + $0] == expected[$0] }
        }
    }

    private static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String? {
        var content: [UInt8] = []
        content.reserveCapacity(range.count)
        for index in range {
            if bytes[index] == UInt8(ascii: "\\") { return nil }
            content.append(bytes[index])
        }
        return String(decoding: content, as: UTF8.self)
    }
}
