import Foundation
import Glibc
import PrivateServers

/// The directory of a private stack: data, logs and secrets. One stack at a time may hold it.
struct DataDirectory: ~Copyable {
    /// Absolute.
    let path: String
    private let lock: Int32

    /// Makes the directory if it is not there, and locks it.
    init(_ path: String) throws(CommandFailure) {
        let absolute = URL(filePath: path).standardizedFileURL.path(percentEncoded: false).trimmingSuffix("/")
        do {
            try FileManager.default.createDirectory(atPath: absolute, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.failure, "cannot make the data directory \(absolute): \(errorText())")
        }
        self.init(path: absolute, lock: try Self.lock(absolute))
    }

    private init(path: String, lock: Int32) {
        self.path = path
        self.lock = lock
    }

    private static func lock(_ path: String) throws(CommandFailure) -> Int32 {
        // What the calls of this file are given is theirs for the call alone: paths, and bytes with
        // their number.
        let handle = unsafe open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard handle >= 0 else {
            throw CommandFailure(.failure, "cannot write to the data directory \(path): \(errorText())")
        }
        if flock(handle, LOCK_EX | LOCK_NB) != 0 {
            var mark = [UInt8](repeating: 0, count: endingMark.utf8.count)
            guard unsafe pread(handle, &mark, mark.count, 0) == mark.count, mark.elementsEqual(endingMark.utf8) else {
                close(handle)
                throw CommandFailure(.conflict, "another seckill up runs on \(path); stop it first, or choose another directory with --data")
            }
            Console.message("waiting for the seckill up on \(path) that is ending")
            while flock(handle, LOCK_EX) != 0, errno == EINTR {}
        }
        ftruncate(handle, 0)
        return handle
    }

    /// Stands in the lock file while its holder is ending.
    private static let endingMark = "ending\n"

    /// Lets the next `seckill up` on the directory wait for us, rather than be refused. To be
    /// called while the directory is held.
    var markEnding: @Sendable () -> Void {
        { [lock] in _ = unsafe pwrite(lock, Self.endingMark, Self.endingMark.utf8.count, 0) }
    }

    deinit {
        // Ends the lock.
        close(lock)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The file of a random secret, made on first use: 32 bytes as base64url, which only the owner
    /// can read.
    func secret(_ name: String) throws(CommandFailure) -> String {
        if let size = try? FileManager.default.attributesOfItem(atPath: file(name))[.size] as? Int, size >= 32 { return file(name) }
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        try write(text, to: name)
        return file(name)
    }

    /// Replaces a file in one step; only the owner can read it.
    func write(_ text: String, to name: String) throws(CommandFailure) {
        let temporary = file(".\(name).new")
        let handle = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw CommandFailure(.failure, "cannot write \(file(name)): \(errorText())") }
        defer { close(handle) }
        guard unsafe Glibc.write(handle, text, text.utf8.count) == text.utf8.count, unsafe rename(temporary, file(name)) == 0 else {
            throw CommandFailure(.failure, "cannot write \(file(name)): \(errorText())")
        }
    }

    /// Opens a log for appending.
    func openLog(_ name: String) throws(CommandFailure) -> Int32 {
        let handle = unsafe open(file(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw CommandFailure(.failure, "cannot write \(file(name)): \(errorText())") }
        return handle
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        count > suffix.count && hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
