/// The coarsest view of an outcome.
package enum OutcomeGroup: String, Sendable, CaseIterable, Codable {
    /// The buyer got what he asked for.
    case ok
    /// The service said no.
    case refused
    /// No clear answer.
    case unknown
}

extension Outcome {
    package var group: OutcomeGroup {
        switch self {
        case .committed, .reserved, .settled: .ok
        case .soldOut, .limitReached, .rateLimited, .shed, .refused: .refused
        case .error, .unknown, .unsent: .unknown
        }
    }
}
