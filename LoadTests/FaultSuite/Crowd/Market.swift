import Foundation
import LoadModel

/// A sale, where it is bought, and the books that what the buyers heard is held against.
package protocol Market: Sendable {
    var saleName: String { get }
    var doors: [Door] { get }

    /// What comes back may be an edge's own answer.
    var isBehindEdge: Bool { get }

    func audit() async throws -> AuditReading

    /// Rows of columns, as text, of the Postgres that is the primary now.
    func query(_ sql: String, variables: [String: String]) async throws -> [[String]]
}

extension Market {
    package var isBehindEdge: Bool { false }
}
