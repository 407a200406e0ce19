import Foundation
import Glibc
import LoadSupport

/// Where everything is: programs, configurations of the rivals, and the directory of this run's
/// servers, which is removed at the end.
struct Workspace: Sendable {
    /// Absolute, and short: a socket's path has 107 bytes, unix(7).
    let directory: String
    /// `LoadTests/rivals`.
    let rivals: String
    let seckill: String
    let load: String

    init() throws {
        seckill = try Subprocess.built("seckill")
        load = try Subprocess.built("seckill-load")
        rivals = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "rivals").path
        for program in [seckill, load] where !FileManager.default.isExecutableFile(atPath: program) {
            throw BenchFailure("\(program) is not there; build it first: scripts/release.sh seckill seckill-load")
        }
        guard FileManager.default.fileExists(atPath: rivals) else {
            throw BenchFailure("\(rivals) is not there; it belongs to the sources that this program was built from")
        }
        DescriptorLimit.raise()
        let temporary = FileManager.default.temporaryDirectory.appending(path: "seckill-bench-\(getpid())")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        directory = temporary.path
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Removes a directory of the last round and makes it again.
    func empty(_ name: String) throws -> String {
        let path = "\(directory)/\(name)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// Runs `body`, and `cleanUp` afterwards, whatever came of it.
func withCleanUp<Value>(_ body: () async throws -> Value, cleanUp: () async -> Void) async throws -> Value {
    let result: Result<Value, any Error>
    do {
        result = .success(try await body())
    } catch {
        result = .failure(error)
    }
    await cleanUp()
    return try result.get()
}
