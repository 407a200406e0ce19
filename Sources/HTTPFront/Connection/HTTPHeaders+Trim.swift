import NIOHTTP1

extension HTTPHeaders {
    /// Takes the blanks off both ends of every value: they are no part of it (RFC 9110, section
    /// 5.5), and the decoder leaves those at the end, where nobody who reads a value should have to
    /// think of them.
    mutating func trimValues() {
        guard contains(where: { Self.isBlank($0.value.utf8.first) || Self.isBlank($0.value.utf8.last) }) else { return }
        self = HTTPHeaders(map { ($0.name, Self.trimmed($0.value)) })
    }

    private static func trimmed(_ value: String) -> String {
        var bytes = value.utf8[...]
        while isBlank(bytes.first) { bytes.removeFirst() }
        while isBlank(bytes.last) { bytes.removeLast() }
        return String(Substring(bytes))
    }

    private static func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
