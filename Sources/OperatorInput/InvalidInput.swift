package import SaleCore

/// Everything that is wrong with an operator's file. Nothing of the file is to be used.
package struct InvalidInput: Error, Sendable, Equatable {
    package let violations: [Violation]

    package init(_ violations: [Violation]) {
        self.violations = violations
    }
}
