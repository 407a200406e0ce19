import Foundation
import PrivateServers

/// nginx in the foreground, with one of the configurations of `LoadTests/rivals`.
struct NginxServer: Sendable {
    /// Debian keeps it off an ordinary user's `PATH`.
    static let program = "/usr/sbin/nginx"

    let port: Int
    let child: ChildProcess

    static func start(
        _ configuration: String, workers: Int, core: Int? = nil, redisSocket: String = "", workspace: Workspace
    ) async throws -> NginxServer {
        let directory = try workspace.empty("nginx")
        let port = try LocalPort.free()
        let values = [
            "PORT": String(port), "WORKERS": String(workers), "RIVALS": workspace.rivals, "REDIS_SOCKET": redisSocket,
            "MODULES": "/usr/lib/nginx/modules",
        ]
        var text = try String(contentsOfFile: "\(workspace.rivals)/\(configuration)", encoding: .utf8)
        for (name, value) in values { text = text.replacing("@\(name)@", with: value) }
        try text.write(toFile: "\(directory)/nginx.conf", atomically: true, encoding: .utf8)
        let command = pinned([Self.program, "-p", directory, "-c", "nginx.conf"], to: core)
        let log = "\(directory)/nginx.log"
        let child = try ChildProcess(
            ChildProcess.Command(program: command[0], arguments: Array(command.dropFirst()), environment: [:], log: log))
        let server = NginxServer(port: port, child: child)
        do {
            try await child.waitUntil("nginx", log: log) {
                LocalPort.ask(port, "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?.hasPrefix("HTTP/1.1 ") ?? false
            }
        } catch {
            await child.end()
            throw error
        }
        return server
    }
}
