import HTTPTypes
import HummingbirdCore

/// Which paths exist and what they answer to, so that a wrong method is told from a wrong path.
///
/// Paths are compared as they are written. Nothing here needs percent-encoding or dot segments, so a path that has them, or an empty segment, is no path of
/// ours: there is one spelling of each resource, and no guard can be walked around by another.
struct RouteTable: Sendable {
    private enum Segment: Sendable {
        case literal(Substring)
        case any
    }

    private struct Entry: Sendable {
        var path: String
        var segments: [Segment]
        var methods: [HTTPRequest.Method]
        var parameters: [String]?
    }

    private let entries: [Entry]

    /// - Parameter routes: paths with `{name}` for a segment that may be anything, and the parameters that their queries may have; `nil` is any.
    init(_ routes: [(path: String, methods: [HTTPRequest.Method], parameters: [String]?)]) {
        entries = routes.map { route in
            let segments = route.path.dropFirst().split(separator: "/").map { $0.hasPrefix("{") ? Segment.any : .literal($0) }
            return Entry(
                path: route.path, segments: segments, methods: route.methods.contains(.get) ? route.methods + [.head] : route.methods,
                parameters: route.parameters)
        }
    }

    /// What the path answers to; `nil` when there is no such path.
    func methods(at path: String) -> [HTTPRequest.Method]? { entry(at: path)?.methods }

    /// The path with its parameters in braces.
    func route(of path: some StringProtocol) -> String { entry(at: String(path))?.path ?? RequestCounts.otherRoute }

    /// Throws for a parameter that the path does not know, or that is there twice: whoever writes `limt=5` or `state=open` must not be answered as if he had asked
    /// for everything.
    func checkParameters(of uri: URI) throws(Problem) {
        guard uri.query != nil, let parameters = entry(at: uri.path)?.parameters else { return }
        var violations: [FieldViolation] = []
        var seen: [Substring] = []
        for (name, _) in uri.queryParameters where !name.isEmpty && violations.count < BodyProblem.violationsMax {
            if !parameters.contains(where: { $0 == name }) {
                violations.append(FieldViolation(field: BodyProblem.excerpt(String(name)), reason: "is not a parameter of this path"))
            } else if seen.contains(name) {
                violations.append(FieldViolation(field: String(name), reason: "is there twice"))
            }
            seen.append(name)
        }
        if !violations.isEmpty { throw Problem(invalid: violations) }
    }

    private func entry(at path: String) -> Entry? {
        guard let segments = Self.segments(of: path) else { return nil }
        return entries.first { entry in
            entry.segments.count == segments.count
                && zip(entry.segments, segments).allSatisfy { pattern, segment in
                    switch pattern {
                    case .literal(let text): text == segment
                    case .any: true
                    }
                }
        }
    }

    private static func segments(of path: String) -> [Substring]? {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy(isPlain) else { return nil }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        return segments
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "\\")
    }
}

extension RouteTable {
    static let health = ["/livez", "/readyz"]

    /// The public port. What changes something is asked by its body, and a query that some tracker added is nobody's business. Purchases are answered before Hummingbird; they stand here for their 405.
    static let `public` = RouteTable([
        ("/v1/sales", [.get], []),
        ("/v1/sales/{sale}", [.get], []),
        ("/v1/sales/{sale}/orders", [.post], nil),
        ("/v1/orders", [.get], ["limit", "cursor"]),
        ("/v1/orders/{id}", [.get], []),
        ("/v1/orders/{id}/cancel", [.post], nil),
        ("/v1/payments/events", [.post], nil),
        ("/problems", [.get], nil),
        ("/problems/{code}", [.get], nil),
        ("/livez", [.get], nil),
        ("/readyz", [.get], nil),
    ])

    static let admin = RouteTable([
        ("/livez", [.get], nil),
        ("/readyz", [.get], nil),
        ("/metrics", [.get], nil),
    ])
}
