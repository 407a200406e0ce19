/// What an operator may do; each role may what those before it may.
package enum OperatorRole: String, Sendable, CaseIterable, Comparable {
    /// Reads everything.
    case viewer
    /// Changes sales, stock and orders.
    case `operator`
    /// Nothing more yet: for what concerns other operators.
    case admin

    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}

/// Who works on the admin port.
package struct Operator: Sendable, Equatable {
    package var name: String
    package var role: OperatorRole

    package init(name: String, role: OperatorRole) {
        self.name = name
        self.role = role
    }

    /// 1–64 of `A–Z a–z 0–9 . _ @ -`, beginning with a letter or digit: it stands in files, headers
    /// and the audit trail.
    package static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy {
            isLetterOrDigit($0) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "-")].contains($0)
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
