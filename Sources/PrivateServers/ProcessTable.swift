import Foundation

enum ProcessTable {
    /// The processes whose parent is `pid`.
    static func children(of pid: Int32) -> [Int32] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return all.filter { candidate in
            // The name, in parentheses, may itself hold spaces and parentheses; the parent is the second field after it.
            guard
                let line = try? String(contentsOfFile: "/proc/\(candidate)/stat", encoding: .utf8),
                let nameEnd = line.lastIndex(of: ")")
            else { return false }
            let fields = line[line.index(after: nameEnd)...].split(separator: " ")
            return fields.count > 1 && Int32(fields[1]) == pid
        }
    }
}
