/// One thing that is wrong with what somebody sent: an operator's file, a request's body or
/// parameter.
package struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The line of the file, counted from 1, where it is known.
    package var line: Int?
    /// The path of the field, as its sender writes it, such as `items[2].stock`.
    package var field: String
    /// Reads on from the field: `must be …`, `is missing`.
    package var reason: String

    package init(line: Int? = nil, field: String, reason: String) {
        self.line = line
        self.field = field
        self.reason = reason
    }

    package var description: String {
        (line.map { "line \($0): " } ?? "") + "\(field): \(reason)"
    }
}
