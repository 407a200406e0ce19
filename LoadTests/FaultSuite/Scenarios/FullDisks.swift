import Foundation
import Glibc
import LoadSupport

extension Scenario {
    static let fullDisks = [
        Scenario("T17", "the disk of Redis, then that of Postgres, is full", bar: "0 false confirmations, selling again after space returns", noSpace)
    ]

    private static func noSpace(_ trial: Trial) async throws {
        try await withSmallDisk(trial, "redis-disk", megabytes: 64) { redisDisk in
            try await withSmallDisk(trial, "postgres-disk", megabytes: 240) { postgresDisk in
                let stock = trial.scaled(900, atLeast: 200)
                try await underLoad(trial, stock: stock, seconds: 12) { plan in
                    plan.redisDirectory = "\(redisDisk)/redis"
                    plan.postgresDirectory = "\(postgresDisk)/postgres"
                    plan.postgresSettings = ["max_wal_size=64MB", "min_wal_size=32MB", "restart_after_crash=on"]
                } _: { stack, crowd in
                    trial.injected("the disk of Redis is full")
                    try await fill(redisDisk)
                    try await Task.sleep(for: .seconds(2))
                    try FileManager.default.removeItem(atPath: "\(redisDisk)/ballast")
                    try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(15))
                    trial.injected("the disk of Postgres is full")
                    try await fill(postgresDisk)
                    // Makes Postgres want the next file of its log now, which takes 16 MB.
                    _ = try? await stack.postgres.query("SELECT pg_switch_wal()")
                    _ = try? await stack.postgres.query("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 60000)")
                    try await Task.sleep(for: .seconds(2))
                    try FileManager.default.removeItem(atPath: "\(postgresDisk)/ballast")
                    // It ends by itself when it cannot write its log; whoever watches over it
                    // starts it again.
                    try await stack.postgres.restart()
                    try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(15))
                }
            }
        }
    }

    /// Writes until nothing more fits.
    private static func fill(_ disk: String) async throws {
        _ = try await Subprocess("dd")(["if=/dev/zero", "of=\(disk)/ballast", "bs=1M", "status=none"])
        _ = try await Subprocess("dd")(["if=/dev/zero", "of=\(disk)/ballast", "bs=4k", "oflag=append", "conv=notrunc", "status=none"])
    }

    private static func withSmallDisk(_ trial: Trial, _ name: String, megabytes: Int, _ body: (String) async throws -> Void) async throws {
        guard geteuid() == 0 else { throw NotRun("a file system of a given size needs root") }
        let path = "\(trial.directory)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let mounted = try await Subprocess("mount")(["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=755", "tmpfs", path])
        guard mounted.status == 0 else { throw NotRun("tmpfs cannot be mounted here: \(mounted.messages)") }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(path))
        } catch {
            result = .failure(error)
        }
        _ = try? await Subprocess("umount")(["--lazy", path])
        try result.get()
    }
}
