import Foundation
import PrivateServers

/// A file that an operator names; `-` is standard input.
enum InputFile {
    static func read(_ path: String, bytesMax: Int) throws(CommandFailure) -> [UInt8] {
        var isDirectory: ObjCBool = false
        if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw CommandFailure(.usage, "\(path): is a directory, not a file")
        }
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else { throw CommandFailure(.usage, "\(path): cannot be read: \(errorText())") }
        let data: Data?
        do {
            data = try handle.read(upToCount: bytesMax + 1)
        } catch {
            throw CommandFailure(.usage, "\(path): cannot be read: \(error.localizedDescription)")
        }
        guard let data, !data.isEmpty else { throw CommandFailure(.usage, "\(path): is empty") }
        guard data.count <= bytesMax else { throw CommandFailure(.usage, "\(path): is larger than \(bytesMax) bytes") }
        return Array(data)
    }
}
