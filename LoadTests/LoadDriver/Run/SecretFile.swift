import Foundation
import LoadModel

/// A file that holds a secret, with or without a line's end.
enum SecretFile {
    static func read(_ path: String, option: String) throws(RunFailure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RunFailure(status: .usage, message: "\(option): cannot read \(path)")
        }
        var secret = Array(data)
        if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        if secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        guard !secret.isEmpty else { throw RunFailure(status: .usage, message: "\(option): \(path) is empty") }
        return secret
    }
}
