import SaleCore

/// Everything that is wrong with an operator's file. Nothing of the file is to be used.
struct InvalidInput: Error, Sendable, Equatable {
    let violations: [Violation]

    init(_ violations: [Violation]) {
        self.violations = violations
    }
}
