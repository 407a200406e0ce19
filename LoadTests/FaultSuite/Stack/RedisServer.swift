import Foundation
import LoadSupport
import PrivateServers

/// A private Redis that keeps its port and its directory over all its lives.
actor RedisServer {
    nonisolated let port: Int
    nonisolated let directory: String
    private let settings: [String]
    private var life: PrivateRedis?

    init(directory: String, settings: [String] = []) throws {
        self.directory = directory
        self.settings = settings
        self.port = try LocalPort.free()
    }

    /// Continues with the data that are there.
    func start() async throws {
        life = try await PrivateRedis.start(directory: directory, port: port, settings: settings)
    }

    func kill() async {
        await life?.kill()
        life = nil
    }

    func restart() async throws {
        await kill()
        try await start()
    }

    /// Killed, emptied and started.
    func restartEmpty() async throws {
        await kill()
        try removeData()
        try await start()
    }

    /// Killed, and started with what `copyData` had copied.
    func restart(from copy: String) async throws {
        await kill()
        try removeData()
        try FileManager.default.copyItem(atPath: copy, toPath: appendOnlyDirectory)
        try await start()
    }

    /// Copies the append-only files while Redis writes them, as a backup would.
    func copyData(to copy: String) async throws {
        try await Subprocess("cp").succeed(["-a", appendOnlyDirectory, copy])
    }

    func freeze() { life?.freeze() }
    func thaw() { life?.thaw() }
    var isRunning: Bool { life != nil }
    var figures: ProcessFigures? { (life?.pid).flatMap(ProcessFigures.read) }

    /// Sends one inline command; `nil` when Redis does not answer in time.
    @discardableResult
    nonisolated func command(_ command: String, milliseconds: Int = 500) async throws -> String? {
        let port = port
        return try await offload { LocalPort.ask(port, command + "\r\n", milliseconds: milliseconds) }
    }

    private nonisolated var appendOnlyDirectory: String { "\(directory)/appendonlydir" }

    private func removeData() throws {
        if FileManager.default.fileExists(atPath: appendOnlyDirectory) { try FileManager.default.removeItem(atPath: appendOnlyDirectory) }
    }
}
