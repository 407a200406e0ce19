package import SaleCore

/// Why a body was not taken.
package enum BodyProblem: Error, Sendable, Equatable {
    /// It is not JSON.
    case malformed(JSONSyntaxError)
    /// It is JSON that says the wrong thing; at least one violation, at most `violationsMax`.
    case invalid([Violation])

    package static let violationsMax = 8

    init(_ error: JSONSyntaxError) {
        self =
            error.reason == .notAnObject
            ? .invalid([Violation(field: "body", reason: "must be a JSON object")]) : .malformed(error)
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
