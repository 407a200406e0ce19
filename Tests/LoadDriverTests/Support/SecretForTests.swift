import Foundation

/// A file with the secret of a payment provider.
struct SecretForTests {
    let path = FileManager.default.temporaryDirectory.appending(path: "seckill-load-secret-\(UUID().uuidString)").path

    init() throws {
        try Data("the payment provider's secret, forty bytes\n".utf8).write(to: URL(filePath: path))
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
