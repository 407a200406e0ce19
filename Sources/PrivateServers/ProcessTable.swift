import Foundation
import Glibc

enum ProcessTable {
    /// The processes whose parent is `pid`.
    static func children(of pid: Int32) -> [Int32] {
        all.filter { candidate in
            let fields = stat(of: candidate)
            return fields.count > 1 && Int32(fields[1]) == pid
        }
    }

    /// The processes of `program` that work in `directory`: servers stay in the directory of their
    /// data, and so does whatever they forked, whoever its parent has become. One that has ended
    /// and was not waited for works nowhere.
    static func processes(of program: String, workingIn directory: String) -> [Int32] {
        // It allocates the path, which is copied and freed here (realpath(3)).
        guard let path = unsafe realpath(directory, nil) else { return [] }
        defer { unsafe free(path) }
        let wanted = unsafe String(cString: path)
        return all.filter { candidate in
            let name = try? String(contentsOfFile: "/proc/\(candidate)/comm", encoding: .utf8)
            guard name?.trimmingCharacters(in: .newlines) == program else { return false }
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(candidate)/cwd")) == wanted
        }
    }

    /// It has ended, and nobody has waited for it yet.
    static func isZombie(_ pid: Int32) -> Bool { stat(of: pid).first == "Z" }

    private static var all: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    }

    /// State, parent and what follows (proc(5)). The name before them, in parentheses, may itself
    /// hold spaces and parentheses.
    private static func stat(of pid: Int32) -> [Substring] {
        guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let nameEnd = line.lastIndex(of: ")") else { return [] }
        return line[line.index(after: nameEnd)...].split(separator: " ")
    }
}
