import Foundation
import Glibc

/// The directory of one private server, and the files in it.
struct ServerDirectory: Sendable {
    /// Absolute.
    let path: String

    /// Makes the directory if it is not there.
    init(_ path: String) throws(PrivateServerError) {
        let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        self.path = absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
        do {
            try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        } catch {
            throw PrivateServerError(.unusableDirectory, "cannot make the directory \(self.path): \(errorText())")
        }
        // What the calls of this file are given is theirs for the call alone: paths, and bytes with
        // their number.
        guard unsafe access(self.path, W_OK | X_OK) == 0 else {
            throw PrivateServerError(.unusableDirectory, "cannot write to the directory \(self.path): \(errorText())")
        }
    }

    /// Leaves it to its owner alone: whoever enters it reaches data and sockets.
    func closeToOthers() throws(PrivateServerError) {
        guard unsafe chmod(path, 0o700) == 0 else {
            throw PrivateServerError(.unusableDirectory, "cannot close the directory \(path) to other users: \(errorText())")
        }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func exists(_ name: String) -> Bool { unsafe access(file(name), F_OK) == 0 }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    func remove(_ name: String) { _ = unsafe unlink(file(name)) }

    func read(_ name: String) -> String? { try? String(contentsOfFile: file(name), encoding: .utf8) }

    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws(PrivateServerError) {
        let handle = unsafe open(file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard handle >= 0 else {
            throw PrivateServerError(.unusableDirectory, "cannot write \(file(name)): \(errorText())")
        }
        defer { close(handle) }
        guard unsafe Glibc.write(handle, text, text.utf8.count) == text.utf8.count else {
            throw PrivateServerError(.unusableDirectory, "cannot write \(file(name)): \(errorText())")
        }
    }

    /// What `program` said last, for the end of an error.
    func failure(of program: String, log: String) -> PrivateServerError {
        let end = (read(log) ?? "").split(separator: "\n").suffix(10)
        // Postgres explains itself further below the line that tells what is wrong.
        let telling = end.last { $0.contains("FATAL:") || $0.contains("error:") } ?? end.last ?? "it is empty"
        return PrivateServerError(.failed, "\(program) did not start; \(file(log)) says: \(telling)")
    }
}
