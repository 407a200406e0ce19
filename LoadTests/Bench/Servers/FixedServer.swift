import PrivateServers

/// nginx with one answer to everything: the floor.
struct FixedServer: Server {
    private let nginx: NginxServer

    static func start(workers: Int, core: Int?, _ workspace: Workspace) async throws -> FixedServer {
        FixedServer(nginx: try await NginxServer.start("nginx-fixed.conf", workers: workers, core: core, workspace: workspace))
    }

    var port: Int { nginx.port }
    var front: (name: String, pid: Int32) { ("nginx", nginx.child.pid) }
    var stores: [(name: String, pid: Int32)] { [] }

    func unitsSold() async throws -> Int { 0 }

    func stop() async {
        await nginx.child.end()
    }
}
