/// A member of a body, or a parameter, that breaks its rule.
package struct FieldViolation: Sendable, Equatable {
    package var field: String
    /// Reads on from the field's name: `must be …`, `is missing`.
    package var reason: String

    package init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}

/// Why a body was not taken.
package enum BodyProblem: Error, Sendable, Equatable {
    /// It is not JSON.
    case malformed(JSONSyntaxError)
    /// It is JSON that says the wrong thing; at least one violation, at most `violationsMax`.
    case invalid([FieldViolation])

    package static let violationsMax = 8

    init(_ error: JSONSyntaxError) {
        self =
            error.reason == .notAnObject
            ? .invalid([FieldViolation(field: "body", reason: "must be a JSON object")]) : .malformed(error)
    }

    package var problem: Problem {
        switch self {
        case .malformed(let error):
            Problem(.malformedRequest, detail: "The body \(error.reason.rawValue), at byte \(error.offset).")
        case .invalid(let violations):
            Problem(invalid: violations)
        }
    }

    /// The start of a name that a client made up, short enough to be sent back.
    static func excerpt(_ name: String) -> String {
        name.utf8.count <= 64 ? name : String(String.UnicodeScalarView(name.unicodeScalars.prefix(16))) + "…"
    }
}
