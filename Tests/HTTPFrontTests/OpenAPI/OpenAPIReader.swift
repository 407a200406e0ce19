import Foundation

/// As much of OpenAPI 3.1 and JSON Schema as our documents use.
struct OpenAPIReader: @unchecked Sendable {
    let root: [String: Any]

    /// The object behind a `$ref`, or `value` itself.
    func resolved(_ value: Any) -> [String: Any] {
        guard let object = value as? [String: Any] else { return [:] }
        guard let reference = object["$ref"] as? String else { return object }
        var found: Any = root
        for name in reference.split(separator: "/").dropFirst() { found = (found as? [String: Any])?[String(name)] ?? [:] }
        return resolved(found)
    }

    /// The values that `schema` allows its property `name`, wherever it says so.
    func enumeration(of name: String, in schema: Any) -> [String] {
        let object = resolved(schema)
        let own = ((object["properties"] as? [String: Any])?[name]).flatMap { resolved($0)["enum"] as? [String] } ?? []
        return own + (object["allOf"] as? [Any] ?? []).flatMap { enumeration(of: name, in: $0) }
    }

    /// Every example with its schema.
    func examples(in value: Any, at place: String, _ body: (_ place: String, _ example: Any, _ schema: Any) -> Void) {
        if let object = value as? [String: Any] {
            if let schema = object["schema"] {
                if let example = object["example"] { body(place, example, schema) }
                for (name, example) in object["examples"] as? [String: [String: Any]] ?? [:] {
                    body("\(place)/\(name)", example["value"] ?? "", schema)
                }
            }
            for (name, member) in object where name != "example" && name != "examples" { examples(in: member, at: "\(place)/\(name)", body) }
        } else if let array = value as? [Any] {
            for (index, element) in array.enumerated() { examples(in: element, at: "\(place)/\(index)", body) }
        }
    }

    /// What `schema` has against `value`, one line each.
    func violations(of value: Any, by schema: Any, at place: String) -> [String] {
        let schema = resolved(schema)
        var found: [String] = []
        for part in schema["allOf"] as? [Any] ?? [] { found += violations(of: value, by: part, at: place) }
        if let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map({ [$0] }), !types.contains(where: { Self.is(value, $0) }) {
            return found + ["\(place): \(value) is no \(types)"]
        }
        if let const = schema["const"], !Self.same(const, value) { found.append("\(place): \(value) is not \(const)") }
        if let allowed = schema["enum"] as? [Any], !allowed.contains(where: { Self.same($0, value) }) {
            found.append("\(place): \(value) is none of \(allowed)")
        }
        if let text = value as? String {
            if let pattern = schema["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
                found.append("\(place): \(text) does not match \(pattern)")
            }
            if let min = schema["minLength"] as? Int, text.count < min { found.append("\(place): \(text) is too short") }
            if let max = schema["maxLength"] as? Int, text.count > max { found.append("\(place): \(text) is too long") }
        }
        if let number = value as? NSNumber, !(value is String) {
            if let min = schema["minimum"] as? Double, number.doubleValue < min { found.append("\(place): \(number) is less than \(min)") }
            if let max = schema["maximum"] as? Double, number.doubleValue > max { found.append("\(place): \(number) is more than \(max)") }
        }
        if let object = value as? [String: Any] {
            let properties = schema["properties"] as? [String: Any] ?? [:]
            for name in schema["required"] as? [String] ?? [] where object[name] == nil { found.append("\(place): \(name) is missing") }
            for (name, member) in object {
                if let property = properties[name] {
                    found += violations(of: member, by: property, at: "\(place)/\(name)")
                } else if schema["additionalProperties"] as? Bool == false {
                    found.append("\(place): \(name) is too much")
                }
            }
        }
        if let array = value as? [Any], let items = schema["items"] {
            for (index, element) in array.enumerated() { found += violations(of: element, by: items, at: "\(place)/\(index)") }
        }
        return found
    }

    private static func same(_ one: Any, _ other: Any) -> Bool { (one as? NSObject) == (other as? NSObject) || "\(one)" == "\(other)" }

    private static func `is`(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "null": value is NSNull
        case "boolean": "\(value)" == "true" || "\(value)" == "false" || (value as? Bool) != nil
        case "integer": !(value is String) && (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
        case "number": !(value is String) && value is NSNumber
        default: false
        }
    }
}
