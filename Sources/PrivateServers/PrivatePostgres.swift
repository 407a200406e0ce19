import Foundation
import Glibc
import Synchronization

/// A Postgres of our own on 127.0.0.1, and on a unix socket in its directory.
///
/// Every user of the machine can reach the port, so it asks for a password, which stands in a file
/// that only its owner can read.
package final class PrivatePostgres: Sendable {
    package let port: Int
    /// The log file.
    package let log: String
    private let cluster: PostgresCluster
    private let child: ChildProcess
    private let databasesMade = Mutex(0)

    /// The libpq URI of the database `seckill`.
    package var url: String { url(of: PostgresCluster.database) }
    /// The same for a client on this machine: through the socket, if there is one.
    package var localURL: String { localURL(of: url) }
    package var pid: Int32 { child.pid }

    /// Starts Postgres and returns once it takes connections and the database `seckill` is there.
    ///
    /// - Parameters:
    ///   - directory: holds its log and data; made on the first start, and the next one continues
    ///     with what is there.
    ///   - port: `nil` for a free one: `preferredPort` if it is.
    ///   - isDurable: `false` is faster, and loses data when the machine stops (never when only
    ///     Postgres does).
    ///   - settings: further ones, as `name=value`; they win over ours.
    ///   - tell: told in one line what the start waits for, if it has to.
    package static func start(
        directory: String, port: Int? = nil, preferredPort: Int? = nil, isDurable: Bool = true, settings: [String] = [],
        tell: @Sendable (String) -> Void = { _ in }
    ) async throws(PrivateServerError) -> PrivatePostgres {
        let directory = try ServerDirectory(directory)
        try await EarlierServer.waitUntilEnded("postgres", in: directory.file("data"), tell: tell)
        let cluster = try await PostgresCluster.open(directory)
        cluster.removeWhatWasLeft()
        return try await start(cluster, port: port, preferredPort: preferredPort, isDurable: isDurable, settings: settings)
    }

    /// Starts a standby of this server, from a copy of all that it holds now. It is asynchronous
    /// until `synchronous_standby_names` lists it. `start` on the same directory starts it again.
    ///
    /// - Parameters:
    ///   - directory: for its log and data; it must not hold any yet.
    ///   - name: what the primary knows it by.
    package func startStandby(directory: String, name: String, isDurable: Bool = true) async throws(PrivateServerError) -> PrivatePostgres {
        let copy = try await PostgresCluster.standby(ServerDirectory(directory), of: cluster, port: port, name: name)
        return try await Self.start(copy, port: nil, isDurable: isDurable, settings: [])
    }

    private static func start(
        _ cluster: PostgresCluster, port: Int?, preferredPort: Int? = nil, isDurable: Bool, settings: [String]
    ) async throws(PrivateServerError) -> PrivatePostgres {
        let port = try LocalPort.claim(port, preferred: preferredPort, for: "the private Postgres")
        let child = try cluster.startServer(port: port, isDurable: isDurable, settings: settings)
        let postgres = PrivatePostgres(port: port, cluster: cluster, child: child)
        do throws(PrivateServerError) {
            try await waitUntilReady(
                child, for: .seconds(120), failure: cluster.directory.failure(of: "postgres", log: PostgresCluster.log)
            ) {
                cluster.isReady(pid: child.pid)
            }
            if cluster.isNew { try await cluster.createDatabase(PostgresCluster.database, port: port) }
        } catch {
            await postgres.kill()
            throw error
        }
        return postgres
    }

    private init(port: Int, cluster: PostgresCluster, child: ChildProcess) {
        self.port = port
        self.log = cluster.directory.file(PostgresCluster.log)
        self.cluster = cluster
        self.child = child
    }

    /// Makes an empty database.
    ///
    /// - Returns: its URI.
    package func createDatabase() async throws(PrivateServerError) -> String {
        let number = databasesMade.withLock { count in
            count += 1
            return count
        }
        let name = "seckill_\(getpid())_\(number)"
        try await cluster.createDatabase(name, port: port)
        return url(of: name)
    }

    /// Drops a database that `createDatabase` made, and whatever connections to it are left.
    package func dropDatabase(_ url: String) async throws(PrivateServerError) {
        guard let name = url.split(separator: "/").last else { return }
        try await cluster.run("DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)", port: port)
    }

    var password: String { cluster.password }

    /// Makes a standby a primary, on a timeline of its own.
    package func promote() async throws(PrivateServerError) {
        try await run("SELECT pg_promote()")
    }

    /// Runs one statement as the superuser.
    package func run(_ statement: String) async throws(PrivateServerError) {
        try await cluster.run(statement, port: port)
    }

    /// Ends every session and the server in good order: the "fast shutdown".
    package func stop() async {
        child.signal(SIGINT)
        await child.waitUntilExit()
    }

    /// Returns when the server has ended, for whatever reason.
    package func waitUntilExit() async {
        await child.waitUntilExit()
    }

    /// As a crash would, with all the processes that the server consists of.
    package func kill() async {
        killBlocking()
    }

    /// For exit handlers, which cannot suspend.
    package func killBlocking() {
        let workers = ProcessTable.children(of: child.pid)
        child.signal(SIGKILL)
        workers.forEach { _ = Glibc.kill($0, SIGKILL) }
        child.blockUntilExit()
        while workers.contains(where: { Glibc.kill($0, 0) == 0 }) { usleep(2_000) }
    }

    /// Stops it in the middle of what it does, with all the processes that the server consists of
    /// now; `thaw` continues.
    package func freeze() {
        child.signal(SIGSTOP)
        // The postmaster starts no others while it stands still.
        ProcessTable.children(of: child.pid).forEach { _ = Glibc.kill($0, SIGSTOP) }
    }

    package func thaw() {
        ProcessTable.children(of: child.pid).forEach { _ = Glibc.kill($0, SIGCONT) }
        child.signal(SIGCONT)
    }

    /// The processes that serve one connection each, and the helpers.
    package var workers: [Int32] { ProcessTable.children(of: child.pid) }

    /// What `createDatabase` returned, for a client on this machine.
    package func localURL(of url: String) -> String {
        guard cluster.socket(port: port) != nil else { return url }
        return url.replacing("@127.0.0.1:", with: "@\(UnixSocket.percentEncoded(cluster.directory.path)):")
    }

    private func url(of database: String) -> String {
        "postgresql://\(PostgresCluster.role):\(cluster.password)@127.0.0.1:\(port)/\(database)"
    }
}
