import SaleCore

/// How an operator's file is written down. Nothing but UTF-8 is read, and what is not is called
/// what it is.
enum TextEncoding {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// What is wrong with the encoding of `bytes`; `nil` when they are UTF-8.
    static func violation(in bytes: [UInt8]) -> Violation? {
        if isUTF16(bytes) { return Violation(field: "file", reason: "is UTF-16; save it as UTF-8") }
        return String(validating: bytes, as: UTF8.self) == nil ? Violation(field: "file", reason: "is not UTF-8") : nil
    }

    /// By its byte order mark; without one, by the zero in every other byte that Latin text has in
    /// it.
    static func isUTF16(_ bytes: [UInt8]) -> Bool {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return true }
        guard bytes.count >= 4 else { return false }
        let isZero = bytes[..<4].map { $0 == 0 }
        return isZero == [false, true, false, true] || isZero == [true, false, true, false]
    }

    /// Bytes of the byte order mark that editors and spreadsheets write before UTF-8; often none.
    static func markLength(of bytes: [UInt8]) -> Int { bytes.starts(with: mark) ? mark.count : 0 }
}
