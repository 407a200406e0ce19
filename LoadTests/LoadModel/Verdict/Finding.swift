/// What came of one rule.
package struct Finding: Sendable, Equatable, Codable {
    /// Such as `no_oversell`; does not change between versions.
    package var rule: String
    package var passed: Bool
    /// The numbers behind it.
    package var figures: String

    package init(_ rule: String, _ passed: Bool, _ figures: String) {
        self.rule = rule
        self.passed = passed
        self.figures = figures
    }
}
