import Foundation
import Glibc

/// Where the servers' programs are.
enum ProgramSearch {
    /// An absolute path, from `PATH` and the directories that an ordinary user's `PATH` lacks.
    static func find(_ name: String, package: String) throws(PrivateServerError) -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin"]
        for directory in directories where isExecutable("\(directory)/\(name)") { return "\(directory)/\(name)" }
        throw missing(name, package: package)
    }

    /// The directory that holds `postgres`, `initdb` and `psql` of one version: that of `major` if
    /// it is installed, else the newest. Debian keeps the server's programs off `PATH`, and what it
    /// has there are wrappers that look for a system-wide cluster.
    static func postgresDirectory(major: Int?) throws(PrivateServerError) -> String {
        let root = "/usr/lib/postgresql"
        let majors = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }.sorted(by: >)
        let wanted = majors.filter { $0 == major } + majors.filter { $0 != major }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let directories = wanted.map { "\(root)/\($0)/bin" } + path + ["/usr/local/pgsql/bin", "/usr/pgsql/bin"]
        for directory in directories where ["postgres", "initdb", "psql"].allSatisfy({ isExecutable("\(directory)/\($0)") }) {
            return directory
        }
        throw missing("postgres", package: "postgresql")
    }

    private static func isExecutable(_ path: String) -> Bool {
        // Reads its path and no more.
        unsafe access(path, X_OK) == 0
    }

    private static func missing(_ name: String, package: String) -> PrivateServerError {
        PrivateServerError(.missingProgram, "\(name) is not installed; on Debian and Ubuntu: apt-get install \(package)")
    }
}
