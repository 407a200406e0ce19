/// What was measured, and whether it says anything.
package protocol BenchReport: Sendable, Encodable {
    /// The machine had nothing else to do.
    var isConclusive: Bool { get }
    /// What makes it inconclusive, part by part.
    var doubts: [String] { get }
    /// Wrong answers and books that do not balance.
    var faults: [String] { get }
    var markdown: String { get }
}
