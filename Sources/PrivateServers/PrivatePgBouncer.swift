import Glibc

/// A PgBouncer of our own on 127.0.0.1, in front of a private Postgres.
package final class PrivatePgBouncer: Sendable {
    /// When a client's session of Postgres goes to the next client.
    package enum PoolMode: String, Sendable, CaseIterable {
        case session
        case transaction
        case statement
    }

    package let port: Int
    private let child: ChildProcess

    /// Starts PgBouncer and returns once it takes connections.
    ///
    /// - Parameters:
    ///   - directory: holds its configuration, users and log.
    ///   - postgres: whose databases it offers by their own names, to Postgres's own user.
    package static func start(
        directory: String, postgres: PrivatePostgres, mode: PoolMode
    ) async throws(PrivateServerError) -> PrivatePgBouncer {
        let program = try ProgramSearch.find("pgbouncer", package: "pgbouncer")
        let directory = try ServerDirectory(directory)
        let port = try LocalPort.claim(nil, for: "the private PgBouncer")
        try directory.write("\"\(PostgresCluster.role)\" \"\(postgres.password)\"\n", to: "users.txt")
        try directory.write(
            """
            [databases]
            * = host=127.0.0.1 port=\(postgres.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = \(directory.file("users.txt"))
            pool_mode = \(mode.rawValue)

            """, to: "pgbouncer.ini")
        let account = try UnprivilegedAccount.ifRoot(reaching: directory.file("pgbouncer.ini"))
        if let account {
            for file in ["users.txt", "pgbouncer.ini"] { try account.own(directory.file(file)) }
        }
        let child = try ChildProcess(
            .ofServer(program, [directory.file("pgbouncer.ini")], account: account, log: directory.file("pgbouncer.log")))
        let bouncer = PrivatePgBouncer(port: port, child: child)
        do throws(PrivateServerError) {
            try await waitUntilReady(child, for: .seconds(60), failure: directory.failure(of: "pgbouncer", log: "pgbouncer.log")) {
                directory.read("pgbouncer.log")?.contains("process up") == true
            }
        } catch {
            await bouncer.kill()
            throw error
        }
        return bouncer
    }

    private init(port: Int, child: ChildProcess) {
        self.port = port
        self.child = child
    }

    package func kill() async {
        child.signal(SIGKILL)
        await child.waitUntilExit()
    }
}
