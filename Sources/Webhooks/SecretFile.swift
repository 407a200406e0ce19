import Cryptography
import Foundation
import Synchronization

/// The secrets of one endpoint, one a line, `whsec_` and the Base64 of 24 to 64 bytes. Every line
/// signs, so that a secret is replaced without a message that the receiver cannot check: the new
/// one is added, and the old one taken out once the receiver knows it. Read again when the file
/// changes; while it cannot be read, the last good secrets stay.
final class SecretFile: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var keys: [HMACKey]
        var text: String
        var readAt: ContinuousClock.Instant
    }

    private static let lifetime = Duration.seconds(2)
    private static let bytesMax = 4_096

    private let path: String
    private let state: Mutex<State>

    init(_ path: String) throws(Failure) {
        self.path = path
        guard let text = Self.text(at: path) else { throw Failure(description: "secret_file cannot be read: \(path)") }
        guard let keys = Self.keys(text) else {
            throw Failure(
                description: "secret_file \(path): each line must be whsec_ and the Base64 of 24 to 64 bytes, and there must be one at least")
        }
        state = Mutex(State(keys: keys, text: text, readAt: .now))
    }

    var keys: [HMACKey] {
        state.withLock { state in
            guard ContinuousClock.now - state.readAt > Self.lifetime else { return state.keys }
            state.readAt = .now
            if let text = Self.text(at: path), text != state.text, let keys = Self.keys(text) { (state.text, state.keys) = (text, keys) }
            return state.keys
        }
    }

    private static func text(at path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), data.count <= bytesMax else { return nil }
        return String(data: data, encoding: .utf8)
    }

    /// `nil` when a line is no secret, or there is none.
    private static func keys(_ text: String) -> [HMACKey]? {
        var keys: [HMACKey] = []
        for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmingCharacters(in: .whitespaces) }) where !line.isEmpty {
            guard line.hasPrefix(prefix), let secret = Data(base64Encoded: String(line.dropFirst(prefix.count))), (24...64).contains(secret.count)
            else { return nil }
            keys.append(HMACKey([UInt8](secret)))
        }
        return keys.isEmpty ? nil : keys
    }

    private static let prefix = "whsec_"
}
