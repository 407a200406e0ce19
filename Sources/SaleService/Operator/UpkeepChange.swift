/// What operators do to what keeps the service going beside its sales; its text stands in the audit
/// trail.
package enum UpkeepChange: Sendable, Equatable, CustomStringConvertible {
    case drain(node: String)
    case stop(endpoint: String)
    case resume(endpoint: String)
    /// Events that the endpoint did not take; `nil` is all of them.
    case replay(EventPosition?, endpoint: String)
    case skip(EventPosition?, endpoint: String)
    case test(endpoint: String)

    package var description: String {
        switch self {
        case .drain(let node): "node \(node) asked to drain"
        case .stop(let endpoint): "webhook \(endpoint) stopped"
        case .resume(let endpoint): "webhook \(endpoint) served again"
        case .replay(let event, let endpoint): "\(Self.text(event)) of webhook \(endpoint) sent again"
        case .skip(let event, let endpoint): "\(Self.text(event)) of webhook \(endpoint) skipped"
        case .test(let endpoint): "test sent to webhook \(endpoint)"
        }
    }

    private static func text(_ event: EventPosition?) -> String { event.map { "event \($0.eventID)" } ?? "failed events" }
}
