import Foundation

/// A secret as a receiver has it.
struct TestSecret {
    let bytes: [UInt8]

    static let one = TestSecret(bytes: Array(0..<32))
    static let two = TestSecret(bytes: Array(100..<124))

    var text: String { "whsec_" + Data(bytes).base64EncodedString() }

    /// - Returns: where a file with `text` is.
    static func file(_ text: String) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "seckill-\(UUID().uuidString).whsec")
        try Data(text.utf8).write(to: url)
        return url.path
    }
}
