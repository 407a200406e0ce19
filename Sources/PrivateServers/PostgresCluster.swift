import Foundation
import Glibc

/// The files and programs of a private Postgres.
struct PostgresCluster: Sendable {
    static let role = "seckill"
    static let database = "seckill"
    static let log = "postgres.log"

    let directory: ServerDirectory
    let programs: String
    let account: UnprivilegedAccount?
    let password: String
    /// The data directory was made just now, or its making was cut short last time.
    let isNew: Bool

    /// Finds the programs that fit the data, and makes the data directory if there is none.
    static func open(_ directory: ServerDirectory) async throws(PrivateServerError) -> PostgresCluster {
        let dataVersion = directory.read("data/PG_VERSION").flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        let programs = try ProgramSearch.postgresDirectory(major: dataVersion)
        let account = try UnprivilegedAccount.ifRoot(reaching: directory.file("data"))
        if let account { try account.own(directory.path) }
        try directory.closeToOthers()
        let isComplete = directory.exists("complete")
        if isComplete {
            guard let dataVersion, let password = directory.read("password") else {
                throw PrivateServerError(.unusableDirectory, "\(directory.path) is damaged; remove it to start anew, without its data")
            }
            try await requireVersion(dataVersion, programs: programs, directory)
            return PostgresCluster(directory: directory, programs: programs, account: account, password: password, isNew: false)
        }
        let password = randomPassword()
        try? FileManager.default.removeItem(atPath: directory.file("data"))
        try directory.write(password, to: "password")
        if let account { try account.own(directory.file("password")) }
        let cluster = PostgresCluster(directory: directory, programs: programs, account: account, password: password, isNew: true)
        try await cluster.run(
            "initdb",
            [
                "--pgdata", directory.file("data"), "--username", role, "--pwfile", directory.file("password"),
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
            ])
        return cluster
    }

    /// A copy of `primary`, which serves on `port` now, that follows it under `name`.
    ///
    /// - Parameter directory: of the copy; it must hold none yet.
    static func standby(_ directory: ServerDirectory, of primary: PostgresCluster, port: Int, name: String) async throws(PrivateServerError)
        -> PostgresCluster
    {
        let account = try UnprivilegedAccount.ifRoot(reaching: directory.file("data"))
        if let account { try account.own(directory.path) }
        try directory.closeToOthers()
        let cluster = PostgresCluster(
            directory: directory, programs: primary.programs, account: account, password: primary.password, isNew: false)
        try directory.write(primary.password, to: "password")
        try await cluster.run(
            "pg_basebackup",
            [
                "--pgdata", directory.file("data"), "--dbname", "host=127.0.0.1 port=\(port) user=\(role) application_name=\(name)",
                "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
            ], environment: ["PGPASSWORD": primary.password])
        try directory.write("", to: "complete")
        return cluster
    }

    /// The socket of a server on `port`; `nil` where its path does not fit. libpq makes the name
    /// from the port.
    func socket(port: Int) -> String? { UnixSocket.path(".s.PGSQL.\(port)", in: directory) }

    func startServer(port: Int, isDurable: Bool, settings extra: [String]) throws(PrivateServerError) -> ChildProcess {
        var settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "logging_collector=off", "log_line_prefix=%m [%p] ",
            "max_connections=200", "timezone=UTC", "log_timezone=UTC",
            // As `seckill doctor` advises: a sale is over before what it changed must be written
            // out, or a new file of the log filled with zeros while buyers wait; and files of the
            // log are kept to be written over.
            "min_wal_size=1GB", "max_wal_size=4GB", "checkpoint_timeout=15min", "wal_init_zero=off",
        ]
        settings += ["unix_socket_directories=\(socket(port: port) == nil ? "" : directory.path)", "unix_socket_permissions=0700"]
        settings += extra
        if !isDurable { settings += ["fsync=off", "full_page_writes=off"] }
        return try ChildProcess(
            .ofServer(
                "\(programs)/postgres", ["-D", directory.file("data")] + settings.flatMap { ["-c", $0] },
                account: account, signalAtOurDeath: "INT", log: directory.file(Self.log)))
    }

    /// Takes away the sockets that a server which was killed has left, each with its lock; and a
    /// `postmaster.pid` whose process has ended and was not waited for, as in a container whose
    /// first process waits for nobody: Postgres would take it for one that runs. To be called when
    /// no process works on the data.
    func removeWhatWasLeft() {
        for name in directory.names where name.hasPrefix(".s.PGSQL.") { directory.remove(name) }
        guard let pid = directory.read("data/postmaster.pid")?.split(separator: "\n").first.flatMap({ Int32($0) }) else { return }
        if ProcessTable.isZombie(pid) { directory.remove("data/postmaster.pid") }
    }

    /// Connections are taken, by a standby for reading. The eighth line of `postmaster.pid` says so
    /// (PostgreSQL source, `utils/pidfile.h`); the first is the pid, for the file outlives a crash.
    func isReady(pid: Int32) -> Bool {
        let lines = directory.read("data/postmaster.pid")?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        return lines.count > 7 && Int32(lines[0]) == pid && ["ready", "standby"].contains { lines[7].hasPrefix($0) }
    }

    func createDatabase(_ name: String, port: Int) async throws(PrivateServerError) {
        try await run("CREATE DATABASE \"\(name)\" TEMPLATE template0", port: port)
        if name == Self.database { try directory.write("", to: "complete") }
    }

    func run(_ statement: String, port: Int) async throws(PrivateServerError) {
        try await run(
            "psql",
            ["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", String(port), "-U", Self.role, "-c", statement, "postgres"],
            environment: ["PGPASSWORD": password, "PGOPTIONS": "-c client_min_messages=warning"])
    }

    private func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) async throws(PrivateServerError) {
        let log = "\(name).log"
        let child = try ChildProcess(
            .ofServer("\(programs)/\(name)", arguments, adding: environment, account: account, log: directory.file(log)))
        await child.waitUntilExit()
        guard child.status == 0 else { throw directory.failure(of: name, log: log) }
    }

    private static func requireVersion(_ data: Int, programs: String, _ directory: ServerDirectory) async throws(PrivateServerError) {
        let probe = try ChildProcess(
            .ofServer("\(programs)/postgres", ["--version"], account: nil, log: directory.file("version.txt")))
        await probe.waitUntilExit()
        let answer = directory.read("version.txt") ?? ""
        directory.remove("version.txt")
        // Such as "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)".
        guard let installed = answer.split(separator: " ").dropFirst(2).first?.split(separator: ".").first.flatMap({ Int($0) }) else { return }
        guard installed == data else {
            throw PrivateServerError(
                .otherVersion,
                "\(directory.file("data")) was made by PostgreSQL \(data), and PostgreSQL \(installed) is installed; install postgresql-\(data), or choose another data directory"
            )
        }
    }

    private static func randomPassword() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        var random = SystemRandomNumberGenerator()
        return String((0..<32).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
    }
}
