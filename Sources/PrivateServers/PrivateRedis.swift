import Glibc

/// A Redis of our own on 127.0.0.1, and on a unix socket in its directory.
package final class PrivateRedis: Sendable {
    package let port: Int
    /// The log file.
    package let log: String
    /// Its path; `nil` where it does not fit.
    package let socket: String?
    private let child: ChildProcess

    package var url: String { "redis://127.0.0.1:\(port)/0" }
    /// The address for a client on this machine: of the socket, if there is one.
    package var localURL: String { socket.map { "unix://\(UnixSocket.percentEncoded($0, plain: "/"))?db=0" } ?? url }
    package var pid: Int32 { child.pid }

    /// Starts Redis and returns once it answers.
    ///
    /// - Parameters:
    ///   - directory: holds its configuration, log and data; the next start continues with what is
    ///     there.
    ///   - appendOnly: `false` makes a Redis that forgets everything when it stops.
    ///   - port: `nil` for a free one: `preferredPort` if it is.
    ///   - settings: further lines of redis.conf.
    ///   - tell: told in one line what the start waits for, if it has to.
    package static func start(
        directory: String, appendOnly: Bool = true, port: Int? = nil, preferredPort: Int? = nil, settings: [String] = [],
        tell: @Sendable (String) -> Void = { _ in }
    ) async throws(PrivateServerError) -> PrivateRedis {
        let program = try ProgramSearch.find("redis-server", package: "redis-server")
        let directory = try ServerDirectory(directory)
        try directory.closeToOthers()
        try await EarlierServer.waitUntilEnded("redis-server", in: directory.path, tell: tell)
        let socket = UnixSocket.path("redis.sock", in: directory)
        let port = try LocalPort.claim(port, preferred: preferredPort, for: "the private Redis")
        // The working directory is given by `dir` alone, so that no path has to be quoted twice.
        try directory.write(
            """
            bind 127.0.0.1
            protected-mode yes
            port \(port)
            dir "\(directory.path.quotedForRedis)"
            daemonize no
            logfile ""
            pidfile "\(directory.file("redis.pid").quotedForRedis)"
            save ""
            appendonly \(appendOnly ? "yes" : "no")
            appendfsync everysec
            auto-aof-rewrite-min-size \(appendOnlyFileKept)
            maxmemory-policy noeviction
            tcp-backlog 511
            \(socket.map { "unixsocket \"\($0)\"\nunixsocketperm 700" } ?? "")
            \(settings.joined(separator: "\n"))

            """, to: "redis.conf")
        let child = try ChildProcess(
            .ofServer(program, [directory.file("redis.conf")], account: nil, log: directory.file("redis.log")))
        let redis = PrivateRedis(port: port, log: directory.file("redis.log"), socket: socket, child: child)
        do throws(PrivateServerError) {
            try await waitUntilReady(child, for: .seconds(60), failure: directory.failure(of: "redis-server", log: "redis.log")) {
                LocalPort.ask(port, "PING\r\n") == "+PONG\r\n"
            }
        } catch {
            await redis.kill()
            throw error
        }
        return redis
    }

    private init(port: Int, log: String, socket: String?, child: ChildProcess) {
        self.port = port
        self.log = log
        self.socket = socket
        self.child = child
    }

    /// A rewrite forks and copies everything while purchases are granted. Redis's own 64 MB are
    /// some ten seconds of a full load, so that every sale would meet it; this is minutes of it,
    /// and is read in less than the time that a start is given.
    private static let appendOnlyFileKept = "1gb"

    /// Writes everything down and ends.
    package func stop() async {
        child.signal(SIGTERM)
        await child.waitUntilExit()
    }

    /// Returns when the server has ended, for whatever reason.
    package func waitUntilExit() async {
        await child.waitUntilExit()
    }

    /// As a crash would.
    package func kill() async {
        child.signal(SIGKILL)
        await child.waitUntilExit()
    }

    /// For exit handlers, which cannot suspend.
    package func killBlocking() {
        child.signal(SIGKILL)
        child.blockUntilExit()
    }

    /// Stops it in the middle of what it does, as a stalled machine would; `thaw` continues.
    package func freeze() {
        child.signal(SIGSTOP)
    }

    package func thaw() {
        child.signal(SIGCONT)
    }
}

extension String {
    fileprivate var quotedForRedis: String {
        replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
