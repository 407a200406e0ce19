import HTTPTypes

/// Which paths exist and what they answer to, so that a wrong method is told from a wrong path.
///
/// Paths are compared as they are written. Nothing here needs percent-encoding or dot segments, so a path that has them, or an empty segment, is no path of
/// ours: there is one spelling of each resource, and no guard can be walked around by another.
struct RouteTable: Sendable {
    private enum Segment: Sendable {
        case literal(Substring)
        case any
    }

    private let entries: [(segments: [Segment], methods: [HTTPRequest.Method])]

    /// - Parameter routes: paths with `{name}` for a segment that may be anything.
    init(_ routes: [(path: String, methods: [HTTPRequest.Method])]) {
        entries = routes.map { route in
            let segments = route.path.dropFirst().split(separator: "/").map { $0.hasPrefix("{") ? Segment.any : .literal($0) }
            return (segments, route.methods.contains(.get) ? route.methods + [.head] : route.methods)
        }
    }

    /// What the path answers to; `nil` when there is no such path.
    func methods(at path: String) -> [HTTPRequest.Method]? {
        guard let segments = Self.segments(of: path) else { return nil }
        return entries.first { entry in
            entry.segments.count == segments.count
                && zip(entry.segments, segments).allSatisfy { pattern, segment in
                    switch pattern {
                    case .literal(let text): text == segment
                    case .any: true
                    }
                }
        }?.methods
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
    /// The public port. Purchases are answered before Hummingbird; they stand here for their 405.
    static let `public` = RouteTable([
        ("/v1/sales", [.get]),
        ("/v1/sales/{sale}", [.get]),
        ("/v1/sales/{sale}/orders", [.post]),
        ("/v1/orders", [.get]),
        ("/v1/orders/{id}", [.get]),
        ("/v1/orders/{id}/cancel", [.post]),
        ("/v1/payments/events", [.post]),
        ("/problems", [.get]),
        ("/problems/{code}", [.get]),
        ("/livez", [.get]),
        ("/readyz", [.get]),
    ])

    static let admin = RouteTable([
        ("/livez", [.get]),
        ("/readyz", [.get]),
        ("/metrics", [.get]),
    ])
}
