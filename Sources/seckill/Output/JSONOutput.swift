import Foundation

enum JSONOutput {
    /// Keys in alphabetical order, so that two runs can be compared.
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Console.data(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// On one line.
    static func printLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        Console.data(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
