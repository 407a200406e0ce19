import Foundation
import Glibc
import PrivateServers
import Synchronization

/// One Redis and one Postgres for the whole test process, started by the first test that needs them
/// and killed at its end. A start that fails fails the tests that asked for it: nothing is skipped
/// for want of a server.
enum SharedServers {
    static let redis = SharedServer { directory in
        try await PrivateRedis.start(directory: directory + "/redis")
    } kill: {
        $0.killBlocking()
    }

    static let postgres = SharedServer { directory in
        try await PrivatePostgres.start(directory: directory + "/postgres", isDurable: false)
    } kill: {
        $0.killBlocking()
    }
}

/// Starts a server once, for all who ask.
actor SharedServer<Server: Sendable> {
    private let make: @Sendable (String) async throws -> Server
    private let kill: @Sendable (Server) -> Void
    private var start: Task<Server, any Error>?

    init(_ make: @escaping @Sendable (String) async throws -> Server, kill: @escaping @Sendable (Server) -> Void) {
        self.make = make
        self.kill = kill
    }

    func get() async throws -> Server {
        if let start { return try await start.value }
        let (make, kill) = (make, kill)
        let start = Task {
            let directory = try TemporaryDirectory()
            let server = try await make(directory.path)
            AtExit.run {
                kill(server)
                directory.remove()
            }
            return server
        }
        self.start = start
        return try await start.value
    }
}

/// Runs closures when the process exits, last registered first.
enum AtExit {
    private static let work = Mutex<[@Sendable () -> Void]>([])

    static func run(_ closure: @escaping @Sendable () -> Void) {
        let isFirst = work.withLock { work in
            work.append(closure)
            return work.count == 1
        }
        guard isFirst else { return }
        atexit {
            let closures = AtExit.work.withLock { work in
                defer { work = [] }
                return work
            }
            closures.reversed().forEach { $0() }
        }
    }
}

/// An empty directory that other accounts can enter.
struct TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "/tmp/seckill-test-\(getpid())-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    /// The children of a server that was killed live on for a moment, and may still write there.
    func remove() {
        for _ in 0..<100 {
            try? FileManager.default.removeItem(atPath: path)
            guard FileManager.default.fileExists(atPath: path) else { return }
            usleep(20_000)
        }
    }
}
