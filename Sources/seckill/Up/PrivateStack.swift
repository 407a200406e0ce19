import PrivateServers

/// The Redis and the Postgres of `seckill up`. Either is started again, with its data and on its
/// port, when it ends before it is told to: killing one is how people see what the service does
/// about it.
actor PrivateStack {
    private let directory: String
    private(set) var redis: PrivateRedis
    private(set) var postgres: PrivatePostgres
    private var isStopping = false

    init(directory: String, lastPorts: StackPorts) async throws(PrivateServerError) {
        let redis = try await PrivateRedis.start(directory: "\(directory)/redis", preferredPort: lastPorts.redis, tell: Console.message)
        do throws(PrivateServerError) {
            postgres = try await PrivatePostgres.start(directory: "\(directory)/postgres", preferredPort: lastPorts.postgres, tell: Console.message)
        } catch {
            await redis.stop()
            throw error
        }
        self.redis = redis
        self.directory = directory
    }

    /// Returns when both have ended after `stop`, or when one cannot be started again.
    nonisolated func keepRunning() async {
        async let redis: Void = keepRedisRunning()
        async let postgres: Void = keepPostgresRunning()
        _ = await (redis, postgres)
    }

    /// Postgres first: nothing writes to Redis by then, but its last second of changes must reach
    /// the disk in any case.
    func stop() async {
        isStopping = true
        await postgres.stop()
        await redis.stop()
    }

    private func keepRedisRunning() async {
        while true {
            await redis.waitUntilExit()
            if isStopping { return }
            Console.message("redis-server ended by itself; starting it again")
            guard
                let next = await restarted({ [directory, port = redis.port] () async throws(PrivateServerError) in
                    try await PrivateRedis.start(directory: "\(directory)/redis", port: port, tell: Console.message)
                })
            else { return }
            redis = next
        }
    }

    private func keepPostgresRunning() async {
        while true {
            await postgres.waitUntilExit()
            if isStopping { return }
            Console.message("postgres ended by itself; starting it again")
            guard
                let next = await restarted({ [directory, port = postgres.port] () async throws(PrivateServerError) in
                    try await PrivatePostgres.start(directory: "\(directory)/postgres", port: port, tell: Console.message)
                })
            else { return }
            postgres = next
        }
    }

    /// Several attempts: somebody may hold the port for a moment.
    private func restarted<Server: Sendable>(_ start: () async throws(PrivateServerError) -> Server) async -> Server? {
        var last: PrivateServerError?
        for _ in 0..<20 where !isStopping {
            do throws(PrivateServerError) {
                return try await start()
            } catch {
                last = error
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
        if let last, !isStopping { Console.error(last.description) }
        return nil
    }
}
