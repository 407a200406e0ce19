import Foundation
import Glibc
import LoadSupport
import PrivateServers

/// A private Postgres that keeps its port and its directory over all its lives.
actor PostgresServer {
    nonisolated let port: Int
    nonisolated let directory: String
    private let settings: [String]
    private var life: PrivatePostgres?
    private var address = ""

    init(directory: String, settings: [String] = []) throws {
        self.directory = directory
        self.settings = settings
        self.port = try LocalPort.free()
    }

    /// Continues with the data that are there. Not flushed to the disk: processes are killed here,
    /// never the machine.
    func start() async throws {
        let server = try await PrivatePostgres.start(directory: directory, port: port, isDurable: false, settings: settings)
        life = server
        address = server.url
    }

    /// The postmaster and all that it started.
    func kill() async {
        await life?.kill()
        life = nil
    }

    func restart() async throws {
        await kill()
        try await start()
    }

    func freeze() { life?.freeze() }
    func thaw() { life?.thaw() }

    /// Kills a process that serves a connection: the postmaster ends all others and recovers.
    func killBackend() async throws {
        let backends = try await query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
        guard let pid = backends.first?.first.flatMap({ Int32($0) }) else { return }
        _ = Glibc.kill(pid, SIGKILL)
    }

    /// The libpq URI; through `proxy` when it is given.
    func url(through proxy: Int? = nil) -> String {
        proxy.map { address.replacing("@127.0.0.1:\(port)/", with: "@127.0.0.1:\($0)/") } ?? address
    }

    /// Rows of columns, as text.
    func query(_ sql: String, variables: [String: String] = [:]) async throws -> [[String]] {
        try await Psql(url: address).rows(sql, variables: variables).map { $0.map(String.init) }
    }
}
