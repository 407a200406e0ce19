import Yams

enum YAMLOutput {
    static func print(_ value: some Encodable) throws {
        let encoder = YAMLEncoder()
        encoder.options = YAMLEncoder.Options(width: -1, allowUnicode: true, sortKeys: true)
        Console.data(try encoder.encode(value))
    }
}
