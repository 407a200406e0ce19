/// One setting as a node works with it.
package struct OperatorSetting: Encodable, Sendable {
    package enum Source: String, Encodable, Sendable {
        case `default`
        case set
    }

    package let name: String
    /// As it is written where it is set; `***` for a secret.
    package let value: String
    package let source: Source

    package init(name: String, value: String, isDefault: Bool) {
        self.name = name
        self.value = value
        source = isDefault ? .default : .set
    }
}
