import HTTPFront
import NIOCore
import SaleCore
import SaleService

/// Takes values out of a JSON body and notes what is wrong, so that one answer names every mistake.
/// No member may be unknown.
struct MemberReader {
    private(set) var violations: [Violation] = []

    /// - Throws: for what is no JSON, or no object.
    static func object(_ body: ByteBuffer) throws(Problem) -> JSONTree {
        let tree: JSONTree
        do { tree = try JSONTree.read(body) } catch { throw BodyProblem.malformed(error).problem }
        guard case .object = tree else { throw Problem(invalid: [Violation(field: "body", reason: "must be a JSON object")]) }
        return tree
    }

    /// The members of an object, of which each of `required` must be there.
    mutating func members(
        _ value: JSONTree, at path: String = "body", prefix: String = "", required: [String], optional: [String] = []
    ) -> [String: JSONTree]? {
        guard case .object(let members) = value else {
            note(path, "must be an object with \(required.joined(separator: ", "))")
            return nil
        }
        var found: [String: JSONTree] = [:]
        for member in members {
            if required.contains(member.name) || optional.contains(member.name) {
                found[member.name] = member.value
            } else {
                let known = (required + optional).joined(separator: ", ")
                note(prefix + String(member.name.prefix(64)), "is not a member here; the members are \(known)")
            }
        }
        for name in required where found[name] == nil { note(prefix + name, "is missing") }
        return found
    }

    mutating func list(_ value: JSONTree?, at path: String) -> [JSONTree]? {
        guard let value else { return nil }
        guard case .array(let elements) = value else {
            note(path, "must be a list")
            return nil
        }
        return elements
    }

    mutating func text(_ value: JSONTree?, at path: String) -> String? {
        guard let value else { return nil }
        guard case .scalar(.string(let text)) = value else {
            note(path, "must be a string")
            return nil
        }
        return text
    }

    mutating func integer(_ value: JSONTree?, at path: String) -> Int64? {
        guard let value else { return nil }
        guard case .scalar(.number(let number)) = value, let integer = number.integer else {
            note(path, "must be a whole number")
            return nil
        }
        return integer
    }

    mutating func timestamp(_ value: JSONTree?, at path: String) -> Timestamp? {
        guard let text = text(value, at: path) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            note(path, "must be an RFC 3339 time with an offset, such as 2026-01-01T00:00:00Z")
            return nil
        }
        return time
    }

    /// In milliseconds.
    mutating func duration(_ value: JSONTree?, at path: String) -> Int64? {
        guard let text = text(value, at: path) else { return nil }
        guard let milliseconds = DurationText.milliseconds(text) else {
            note(path, "must be a duration such as 30s, 15m or 1h30m")
            return nil
        }
        return milliseconds
    }

    mutating func note(_ path: String, _ reason: String) {
        if violations.count < BodyProblem.violationsMax { violations.append(Violation(field: path, reason: reason)) }
    }

    /// - Throws: what was noted, if anything was.
    func finish() throws(Problem) {
        if !violations.isEmpty { throw Problem(invalid: violations) }
    }
}

extension MemberReader {
    /// Why a change is made, in the operator's words.
    mutating func reason(_ value: JSONTree?) -> String? {
        guard let text = text(value, at: "reason") else { return nil }
        for violation in OperatorText.violations(of: text, "reason") { note(violation.field, violation.reason) }
        return text
    }
}
