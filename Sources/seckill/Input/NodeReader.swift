import SaleCore
import Yams

/// Takes values out of YAML nodes and notes what is wrong, so that one run names every mistake.
struct NodeReader {
    private static let shownBytesMax = 40

    private(set) var violations: [Violation] = []
    /// Where each field stands, for what is found to be wrong later.
    private(set) var lines: [String: Int] = [:]

    /// The nodes of `fields`, and of those in `optional` that are there; what is missing or unknown
    /// is noted.
    mutating func mapping(_ node: Node, at path: String, prefix: String, fields: [String], optional: [String] = []) -> [String: Node]? {
        guard let mapping = node.mapping else {
            note(node, path, "must be a mapping with \(fields.joined(separator: ", ")), not \(kind(node))")
            return nil
        }
        var found: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, fields.contains(name) || optional.contains(name) else {
                note(key, prefix + (key.scalar?.string ?? "?"), "is not a field here; the fields are \((fields + optional).joined(separator: ", "))")
                continue
            }
            found[name] = value
            lines[prefix + name] = key.mark?.line
        }
        for field in fields where found[field] == nil { note(node, prefix + field, "is missing") }
        return found
    }

    mutating func list(_ node: Node?, at path: String) -> [Node]? {
        guard let node else { return nil }
        guard let sequence = node.sequence else {
            note(node, path, "must be a list, not \(kind(node))")
            return nil
        }
        return Array(sequence)
    }

    /// Text as it is written: `007` stays `007`.
    mutating func text(_ node: Node?, at path: String) -> String? {
        guard let node else { return nil }
        guard let scalar = node.scalar, !isNull(scalar) else {
            note(node, path, "must be text, not \(kind(node))")
            return nil
        }
        return scalar.string
    }

    mutating func integer(_ node: Node?, at path: String) -> Int64? {
        guard let node else { return nil }
        guard let scalar = node.scalar, scalar.style == .plain, let number = Int64(wholeNumber: scalar.string) else {
            note(node, path, "must be a whole number, not \(kind(node))")
            return nil
        }
        return number
    }

    mutating func timestamp(_ node: Node?, at path: String) -> Timestamp? {
        guard let node else { return nil }
        guard let scalar = node.scalar, let time = Timestamp(rfc3339: scalar.string) else {
            note(node, path, "must be an RFC 3339 time with an offset, such as 2026-01-01T00:00:00Z, not \(kind(node))")
            return nil
        }
        return time
    }

    mutating func duration(_ node: Node?, at path: String) -> Int64? {
        guard let node else { return nil }
        guard let scalar = node.scalar, let milliseconds = DurationText.milliseconds(scalar.string) else {
            note(node, path, "must be a duration such as 30s, 15m or 1h30m, not \(kind(node))")
            return nil
        }
        return milliseconds
    }

    private mutating func note(_ node: Node, _ path: String, _ reason: String) {
        violations.append(Violation(line: node.mark?.line, field: path, reason: reason))
    }

    private func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar) where isNull(scalar): "nothing"
        // Long text is perhaps no field of ours, and a secret.
        case .scalar(let scalar) where scalar.string.utf8.count > Self.shownBytesMax: "a text of \(scalar.string.utf8.count) bytes"
        case .scalar(let scalar): scalar.style == .plain ? scalar.string : "the text \"\(scalar.string)\""
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension Int64 {
    /// Reads decimal digits with an optional minus sign and nothing else: no `+`, no leading zero
    /// (which YAML 1.1 takes as octal), no `_`.
    init?(wholeNumber text: String) {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard
            !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits == "0" || !digits.hasPrefix("0")
        else { return nil }
        self.init(text)
    }
}
