package import NIOCore
import Yams

/// A document that is written in YAML, for people, and served in JSON, which every tool reads. The
/// order of the members is kept.
package struct OpenAPIDocument: Sendable {
    package let json: ByteBuffer
    package let entityTag: String

    /// - Parameter yaml: of ours; anything that cannot be read stops the process.
    package init(yaml: String) {
        guard let root = try? Yams.compose(yaml: yaml) else { fatalError("the OpenAPI document is no YAML") }
        var json = ByteBuffer()
        Self.write(root, into: &json)
        var hash = ContentHash()
        hash.add(json.readableBytesSpan)
        self.json = json
        entityTag = "\"\(hash.text)\""
    }

    private static func write(_ node: Node, into json: inout ByteBuffer) {
        switch node {
        case .mapping(let mapping):
            json.writeInteger(UInt8(ascii: "{"))
            for (index, member) in mapping.enumerated() {
                if index > 0 { json.writeInteger(UInt8(ascii: ",")) }
                json.writeJSONString(member.key.string ?? "")
                json.writeInteger(UInt8(ascii: ":"))
                write(member.value, into: &json)
            }
            json.writeInteger(UInt8(ascii: "}"))
        case .sequence(let sequence):
            json.writeInteger(UInt8(ascii: "["))
            for (index, element) in sequence.enumerated() {
                if index > 0 { json.writeInteger(UInt8(ascii: ",")) }
                write(element, into: &json)
            }
            json.writeInteger(UInt8(ascii: "]"))
        case .scalar(let scalar): write(scalar, node, into: &json)
        case .alias: fatalError("the OpenAPI document uses no aliases")
        }
    }

    private static func write(_ scalar: Node.Scalar, _ node: Node, into json: inout ByteBuffer) {
        guard scalar.style == .plain || scalar.style == .any else { return json.writeJSONString(scalar.string) }
        if node.null != nil {
            json.writeStaticString("null")
        } else if let value = node.bool {
            json.writeString(value ? "true" : "false")
        } else if let value = node.int {
            json.writeString("\(value)")
        } else if let value = node.float {
            json.writeString("\(value)")
        } else {
            json.writeJSONString(scalar.string)
        }
    }
}
