/// Identifies a sale: 1–64 bytes of `a-z 0-9 . _ -`, beginning with a letter or digit, so that none
/// is a dot segment of a path or looks like a flag.
package struct SaleID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when `rawValue` breaks the grammar.
    package init?(_ rawValue: String) {
        guard Grammar.isName(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    /// Reads a name that a store holds. An earlier version let names begin with any of their
    /// characters; what was sold under one can still be read.
    package init?(stored rawValue: String) {
        guard Grammar.isStoredName(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Identifies an item within a sale: 1–64 bytes of `a-z 0-9 . _ -`, beginning with a letter or
/// digit, so that none is a dot segment of a path or looks like a flag.
package struct SKU: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when `rawValue` breaks the grammar.
    package init?(_ rawValue: String) {
        guard Grammar.isName(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    /// Reads a name that a store holds. An earlier version let names begin with any of their
    /// characters; what was sold under one can still be read.
    package init?(stored rawValue: String) {
        guard Grammar.isStoredName(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Identifies a buyer: 1–128 visible ASCII characters.
package struct UserID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when `rawValue` breaks the grammar.
    package init?(_ rawValue: String) {
        guard Grammar.isVisibleASCII(rawValue.utf8, countMax: 128) else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

/// Names one intention of a buyer to purchase: 1–255 visible ASCII characters, without the quotes
/// of the header's structured form. Its scope is the user and the sale.
package struct IdempotencyKey: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when `rawValue` breaks the grammar.
    package init?(_ rawValue: String) {
        guard Grammar.isVisibleASCII(rawValue.utf8, countMax: 255) else { return nil }
        self.rawValue = rawValue
    }

    /// Reads the header's value, quoted (`"abc"`) or bare (`abc`).
    package init?(headerValue: String) {
        let bytes = headerValue.utf8
        if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
            self.init(String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self))
        } else {
            self.init(headerValue)
        }
    }

    package var description: String { rawValue }
}

/// A currency as ISO 4217 writes it: three capital letters.
package struct Currency: Hashable, Sendable, CustomStringConvertible {
    package let code: String

    /// `nil` unless `code` is three capital ASCII letters.
    package init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else { return nil }
        self.code = code
    }

    /// Takes small letters, too.
    package init?(ignoringCase code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5A).contains($0 & ~0x20) }) else { return nil }
        self.init(code.uppercased())
    }

    package var description: String { code }
}

enum Grammar {
    static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, isLetterOrDigit(first) else { return false }
        return isStoredName(bytes)
    }

    static func isStoredName(_ bytes: some Collection<UInt8>) -> Bool {
        (1...64).contains(bytes.count)
            && bytes.allSatisfy { byte in
                isLetterOrDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    static func isVisibleASCII(_ bytes: some Collection<UInt8>, countMax: Int) -> Bool {
        (1...countMax).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
