import Foundation
package import LoadSupport

/// What `seckill audit -o json` says.
package struct AuditReading: Sendable, Equatable {
    package struct Balance: Sendable, Equatable, Decodable {
        var sku: String
        var loaded: Int
        var available: Int?
        var inFlight: Int
        var live: Int
        var settled: Bool
        var breaches: [String]
    }

    private struct Document: Decodable {
        var balances: [Balance]
        var balanced: Bool
    }

    package var status: Int32
    package var balances: [Balance]
    package var isBalanced: Bool
    package var messages = ""

    /// Nothing is under way, and every unit is accounted for.
    package var isAtRest: Bool {
        status == 0 && isBalanced && !balances.isEmpty && balances.allSatisfy { $0.settled && $0.inFlight == 0 && $0.available != nil }
    }
    package var available: Int { balances.reduce(0) { $0 + ($1.available ?? 0) } }

    package var summary: String {
        let lines = balances.map {
            "\($0.sku): \($0.loaded) loaded = \($0.available.map(String.init) ?? "-") available + \($0.inFlight) in flight + \($0.live) live"
                + ($0.breaches.isEmpty ? "" : " (\($0.breaches.joined(separator: "; ")))")
        }
        return lines.isEmpty ? "audit ended with \(status): \(messages.prefix(200))" : lines.joined(separator: ", ")
    }

    package static func decode(_ outcome: Subprocess.Outcome) -> AuditReading {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let document = try? decoder.decode(Document.self, from: Data(outcome.data.utf8))
        return AuditReading(
            status: outcome.status, balances: document?.balances ?? [], isBalanced: document?.balanced ?? false, messages: outcome.messages)
    }
}
