package import NIOCore

/// A JSON value with all that is in it.
package enum JSONTree: Sendable, Equatable {
    case scalar(JSONScalar)
    case array([JSONTree])
    /// In the order of the text; no name occurs twice.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: JSONTree
    }

    /// Reads one JSON value, strictly: nothing may stand behind it, and no object may name a member
    /// twice.
    package static func read(_ body: ByteBuffer) throws(JSONSyntaxError) -> JSONTree {
        var scanner = try JSONScanner(body.readableBytesSpan)
        let tree = try scanner.tree(depth: 1)
        scanner.skipWhitespace()
        guard scanner.isAtEnd else { throw scanner.failure(.trailingBytes) }
        return tree
    }
}

extension JSONScanner {
    fileprivate mutating func tree(depth: Int) throws(JSONSyntaxError) -> JSONTree {
        guard depth <= Self.depthMax else { throw failure(.tooDeep) }
        skipWhitespace()
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        default: return .scalar(try scalar())
        }
    }

    private mutating func members(depth: Int) throws(JSONSyntaxError) -> [JSONTree.Member] {
        try expect("{")
        skipWhitespace()
        var members: [JSONTree.Member] = []
        if take("}") { return members }
        repeat {
            skipWhitespace()
            let name = try string()
            // By bytes: a `String` equals another spelling of the same characters, a member's name
            // does not.
            guard !members.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { throw failure(.duplicateMember) }
            guard members.count < FlatJSONReader.membersMax else { throw failure(.tooManyMembers) }
            skipWhitespace()
            try expect(":")
            members.append(JSONTree.Member(name: name, value: try tree(depth: depth + 1)))
            skipWhitespace()
        } while take(",")
        try expect("}")
        return members
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) -> [JSONTree] {
        try expect("[")
        skipWhitespace()
        var elements: [JSONTree] = []
        if take("]") { return elements }
        repeat {
            elements.append(try tree(depth: depth + 1))
            skipWhitespace()
        } while take(",")
        try expect("]")
        return elements
    }
}
