import HTTPTypes
import HummingbirdCore
import SaleCore

/// Which paths exist and what they answer to, so that a wrong method is told from a wrong path.
///
/// Paths are compared as they are written. Nothing here needs percent-encoding or dot segments, so
/// a path that has them, or an empty segment, is no path of ours: there is one spelling of each
/// resource, and no guard can be walked around by another. A path that ends in a slash is one of
/// ours where its route does.
package struct RouteTable: Sendable {
    private struct Entry: Sendable {
        var path: String
        /// Its bytes, with `{` alone for a segment that may be anything.
        var pattern: [UInt8]
        var methods: [HTTPRequest.Method] = []
        /// Of a GET.
        var parameters: [String]?
        var kind: RequestBulkhead.Kind?
        /// A GET.
        var isForEverybody = false
        /// A GET.
        var isPage = false
    }

    private var entries: [Entry] = []

    package init(_ routes: [Route<some Sendable>]) {
        add(routes)
    }

    package mutating func add(_ routes: [Route<some Sendable>]) {
        for route in routes {
            let known = entries.firstIndex { $0.path == route.path }
            let index = known ?? entries.endIndex
            if known == nil {
                let pattern = Array(route.path.replacing(#/{[^}]*}/#, with: "{").utf8)
                entries.append(Entry(path: route.path, pattern: pattern, kind: route.kind))
            }
            entries[index].methods += route.method == .get ? [.get, .head] : [route.method]
            guard route.method == .get else { continue }
            (entries[index].parameters, entries[index].isForEverybody, entries[index].isPage) = (route.parameters, route.isForEverybody, route.isPage)
        }
    }

    /// Whose places a request for the path takes; `nil` for one that is never refused. What is no
    /// path of ours is browsing: no other spelling of a path reaches its route, so none takes a
    /// place that it has no use for.
    func kind(of path: String) -> RequestBulkhead.Kind? {
        guard let entry = entry(at: path) else { return .browsing }
        return entry.kind
    }

    /// The paths whose requests are never refused: how a node is asked whether it lives.
    private var neverRefused: Set<String> { Set(entries.lazy.filter { $0.kind == nil }.map(\.path)) }

    /// Whether a GET of the target is answered alike to everybody.
    func isForEverybody(_ target: String) -> Bool { entry(ofTarget: target)?.isForEverybody ?? false }

    /// Whether a GET of the target opens a page for people.
    func isPage(_ target: String) -> Bool { entry(ofTarget: target)?.isPage ?? false }

    /// What the path answers to; `nil` when there is no such path.
    func methods(at path: String) -> [HTTPRequest.Method]? { entry(at: path)?.methods }

    /// The path with its parameters in braces.
    func route(of path: String) -> String { entry(at: path)?.path ?? RequestCounts.otherRoute }

    /// The same of a path that was not taken out of its request.
    func route(of path: RawSpan) -> String { index(of: path).map { entries[$0].path } ?? RequestCounts.otherRoute }

    /// Throws for a parameter that the path does not know, or that is there twice: whoever writes
    /// `limt=5` or `state=open` must not be answered as if he had asked for everything.
    func checkParameters(of uri: URI) throws(Problem) {
        guard uri.query != nil, let parameters = entry(at: uri.path)?.parameters else { return }
        var violations: [Violation] = []
        var seen: [Substring] = []
        for (name, _) in uri.queryParameters where !name.isEmpty && violations.count < BodyProblem.violationsMax {
            if !parameters.contains(where: { $0 == name }) {
                violations.append(Violation(field: BodyProblem.excerpt(String(name)), reason: "is not a parameter of this path"))
            } else if seen.contains(name) {
                violations.append(Violation(field: String(name), reason: "is there twice"))
            }
            seen.append(name)
        }
        if !violations.isEmpty { throw Problem(invalid: violations) }
    }

    private func entry(ofTarget target: String) -> Entry? {
        entry(at: target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[..<$0]) } ?? target)
    }

    private func entry(at path: String) -> Entry? {
        // Safe: of bytes, none is padding.
        unsafe index(of: path.utf8Span.span.bytes).map { entries[$0] }
    }

    private func index(of path: RawSpan) -> Int? {
        entries.indices.first { Self.isWritten(path, as: entries[$0].pattern) }
    }

    private static func isWritten(_ path: RawSpan, as pattern: [UInt8]) -> Bool {
        var offset = 0
        for byte in pattern {
            if byte == UInt8(ascii: "{") {
                let start = offset
                while offset < path.byteCount, path.byte(at: offset) != UInt8(ascii: "/") {
                    guard isPlain(path.byte(at: offset)) else { return false }
                    offset += 1
                }
                guard offset > start, !isDots(path.extracting(start..<offset)) else { return false }
            } else {
                guard offset < path.byteCount, path.byte(at: offset) == byte else { return false }
                offset += 1
            }
        }
        return offset == path.byteCount
    }

    private static func isDots(_ segment: RawSpan) -> Bool {
        segment.byte(at: 0) == UInt8(ascii: ".") && (segment.byteCount == 1 || segment.byteCount == 2 && segment.byte(at: 1) == UInt8(ascii: "."))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "\\")
    }
}

extension RouteTable {
    static let `public` = RouteTable(PublicRoutes.all)
    static let health = `public`.neverRefused
}
