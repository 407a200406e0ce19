/// One way to break the service, and what must hold all the same.
package struct Scenario: Sendable {
    /// Such as T5; A… are the acceptance scenarios.
    package let id: String
    package let title: String
    /// What it must reach to pass, for the report.
    package let bar: String
    let run: @Sendable (Trial) async throws -> Void

    package init(_ id: String, _ title: String, bar: String, _ run: @escaping @Sendable (Trial) async throws -> Void) {
        self.id = id
        self.title = title
        self.bar = bar
        self.run = run
    }
}
