import PrivateServers

/// Gives `body` the shared Redis. Other tests use it at the same time: name your sales so that
/// nobody else does.
func withRedis<Value>(_ body: (PrivateRedis) async throws -> Value) async throws -> Value {
    try await body(SharedServers.redis.get())
}

/// Gives `body` the URL of an empty database, which is dropped afterwards.
func withPostgres<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let server = try await SharedServers.postgres.get()
    let url = try await server.createDatabase()
    let result: Value
    do {
        result = try await body(url)
    } catch {
        try? await server.dropDatabase(url)
        throw error
    }
    try await server.dropDatabase(url)
    return result
}

/// Gives `body` a Redis that nobody else uses, so that it may be killed; it is gone afterwards.
func withOwnRedis<Value>(appendOnly: Bool = true, _ body: (PrivateRedis, _ directory: String) async throws -> Value) async throws -> Value {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let redis = try await PrivateRedis.start(directory: directory.path, appendOnly: appendOnly)
    let result: Value
    do {
        result = try await body(redis, directory.path)
    } catch {
        await redis.kill()
        throw error
    }
    await redis.kill()
    return result
}
