import PrivateServers

/// nginx + Lua + Redis: sells, and keeps no orders.
struct LuaServer: Server {
    private let nginx: NginxServer
    private let redis: PrivateRedis

    /// - Parameter appendOnly: its Redis writes down what it sold.
    static func start(appendOnly: Bool, _ workspace: Workspace) async throws -> LuaServer {
        let redis = try await PrivateRedis.start(directory: workspace.empty("redis"), appendOnly: appendOnly)
        do {
            guard let socket = redis.socket else { throw BenchFailure("the path of Redis's socket is too long") }
            guard LocalPort.ask(redis.port, "SET \(stockKey) \(Sale.stockPlenty)\r\n") == "+OK\r\n" else { throw BenchFailure("Redis took no stock") }
            let nginx = try await NginxServer.start("nginx-lua.conf", workers: 2, redisSocket: socket, workspace: workspace)
            return LuaServer(nginx: nginx, redis: redis)
        } catch {
            await redis.kill()
            throw error
        }
    }

    var port: Int { nginx.port }
    var front: (name: String, pid: Int32) { ("nginx", nginx.child.pid) }
    var stores: [(name: String, pid: Int32)] { [("redis", redis.pid)] }

    /// By the stock and by its buyers, who have one unit each.
    func unitsSold() async throws -> Int {
        let left = LocalPort.ask(redis.port, "GET \(Self.stockKey)\r\n")?.split(separator: "\r\n").last.flatMap { Int($0) }
        let buyers = LocalPort.ask(redis.port, "HLEN \(Self.buyersKey)\r\n").flatMap { Int($0.dropFirst().prefix(while: \.isNumber)) }
        guard let left, let buyers else { throw BenchFailure("Redis does not say what it sold") }
        let sold = Sale.stockPlenty - left
        guard sold == buyers else { throw BenchFailure("nginx + Lua + Redis sold \(sold) units to \(buyers) buyers") }
        return sold
    }

    func stop() async {
        await nginx.child.end()
        await redis.kill()
    }

    private static let stockKey = "stock:\(Sale().name):\(Sale.sku(0))"
    private static let buyersKey = "buyers:\(Sale().name):\(Sale.sku(0))"
}
