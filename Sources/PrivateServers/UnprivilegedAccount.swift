import Foundation
import Glibc

/// Whom Postgres runs as when we are root, which it refuses to be.
struct UnprivilegedAccount: Sendable {
    let name: String
    let user: uid_t
    let group: gid_t
    /// A capability that lets it reach a data directory below one that only root may enter, such as
    /// /root; `nil` when it needs none.
    let capability: String?

    /// `nil` when we are not root and need no other account.
    ///
    /// - Parameter directory: what it must be able to reach.
    static func ifRoot(reaching directory: String) throws(PrivateServerError) -> UnprivilegedAccount? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            // Static storage, read before the next call overwrites it (getpwnam(3)).
            guard let entry = unsafe getpwnam(name) else { continue }
            let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
            let closed = firstClosedAncestor(of: directory, to: user, group)
            return UnprivilegedAccount(
                name: name, user: user, group: group,
                capability: try closed.map { closed throws(PrivateServerError) in
                    guard let capability = pathCapability() else {
                        throw PrivateServerError(
                            .unusableDirectory,
                            "Postgres runs as \(name), who may not enter \(closed); choose a data directory elsewhere, or run: chmod o+x \(closed)")
                    }
                    return capability
                })
        }
        throw PrivateServerError(.failed, "Postgres does not run as root, and there is no user postgres or nobody to run it as")
    }

    var setprivArguments: [String] {
        ["--reuid", name, "--regid", String(group), "--init-groups"]
            + (capability.map { ["--inh-caps", "-all,+\($0)", "--ambient-caps", "-all,+\($0)"] } ?? [])
    }

    /// Gives `path` to this account.
    func own(_ path: String) throws(PrivateServerError) {
        // Reads its path and no more.
        guard unsafe chown(path, user, group) == 0 else {
            throw PrivateServerError(.unusableDirectory, "cannot give \(path) to \(name): \(errorText())")
        }
    }

    private static func firstClosedAncestor(of directory: String, to user: uid_t, _ group: gid_t) -> String? {
        var path = URL(filePath: directory).standardizedFileURL.deletingLastPathComponent().path(percentEncoded: false)
        var closed: String?
        while true {
            var info = stat()
            // The kernel fills one `stat`.
            if unsafe stat(path, &info) == 0 {
                let bit = info.st_uid == user ? S_IXUSR : info.st_gid == group ? S_IXGRP : S_IXOTH
                if info.st_mode & bit == 0 { closed = path }
            }
            let parent = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            if path == "/" || parent == path { return closed }
            path = parent
        }
    }

    /// The weakest capability that we hold and that opens directories (capabilities(7)): Docker's
    /// default set has only the stronger one.
    private static func pathCapability() -> String? {
        guard
            let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapPrm:") }),
            let held = line.split(separator: "\t").last.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        if held & (1 << 2) != 0 { return "dac_read_search" }
        if held & (1 << 1) != 0 { return "dac_override" }
        return nil
    }
}
