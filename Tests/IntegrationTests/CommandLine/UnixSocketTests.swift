import Foundation
import Glibc
import Testing

@testable import PrivateServers

/// Private servers behind unix sockets, and the program that goes through them.
@Suite(.timeLimit(.minutes(3))) struct UnixSocketTests {
    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func redisAndPostgresAreReachedThroughSocketsThatAreTheirOwnersAlone() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try await withPrivate(in: directory.path) { redis, postgres in
            let socket = try #require(redis.socket)
            #expect(socket == "\(directory.path)/redis/redis.sock" && redis.localURL == "unix://\(socket)?db=0")
            let paths = [socket, "\(directory.path)/redis", "\(directory.path)/postgres/.s.PGSQL.\(postgres.port)", "\(directory.path)/postgres"]
            for path in paths { #expect(try mode(path) == 0o700, "\(path)") }
            #expect(postgres.localURL.contains("%2Fpostgres:\(postgres.port)/seckill"))

            var seckill = SeckillCommand()
            seckill.environment = ["SECKILL_REDIS_URL": redis.localURL, "SECKILL_DATABASE_URL": postgres.localURL]
            // Neither finds anything at its port.
            #expect(try await seckill("migrate").status == 0)
            let audit = try await seckill("audit")
            #expect(audit.status == 0, "\(audit.messages)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can be somebody else"))
    func whoMayNotUseASocketIsToldSo() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try await withPrivate(in: directory.path) { redis, postgres in
            var seckill = SeckillCommand()
            seckill.environment = ["SECKILL_REDIS_URL": redis.localURL, "SECKILL_DATABASE_URL": postgres.url]
            let audit = try await seckill.shell("exec setpriv --reuid nobody --clear-groups -- \"$SECKILL\" audit")
            #expect(audit.status == 6)
            #expect(audit.messages.contains(redis.localURL) && audit.messages.contains("Permission denied"), "\(audit.messages)")
            seckill.environment = ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": postgres.localURL]
            let migrate = try await seckill.shell("exec setpriv --reuid nobody --clear-groups -- \"$SECKILL\" migrate")
            #expect(migrate.status == 6)
            #expect(migrate.messages.contains("Permission denied") && !migrate.messages.contains(postgres.password), "\(migrate.messages)")
        }
    }

    @Test(arguments: [
        ("unix:///nowhere/redis.sock", 6, "unix:///nowhere/redis.sock?db=0"), ("unix://redis.sock", 2, "it names no absolute path"),
        ("unix:///" + String(repeating: "x", count: 120), 2, "the path of the socket has more than 107 bytes"),
    ])
    func aSocketThatCannotBeIsNamed(url: String, status: Int32, message: String) async throws {
        try await withPostgres { database in
            var seckill = SeckillCommand()
            seckill.environment = ["SECKILL_REDIS_URL": url, "SECKILL_DATABASE_URL": database]
            let audit = try await seckill("audit")
            #expect(audit.status == status && audit.messages.contains(message), "\(audit.messages)")
        }
    }

    /// 107 bytes are the longest path, and a comma parts directories.
    @Test(arguments: [String(repeating: "d", count: 90), "a,b"])
    func whereNoSocketFitsThereIsTCPAlone(name: String) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try await withPrivate(in: "\(directory.path)/\(name)") { redis, postgres in
            #expect(redis.socket == nil && redis.localURL == redis.url && postgres.localURL == postgres.url)
            try await postgres.run("SELECT 1")
        }
    }

    @Test func aServerThatWasKilledLeavesNothingInTheWayOfTheNext() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let data = "\(directory.path)/postgres"
        let first = try await PrivatePostgres.start(directory: data, isDurable: false)
        await first.kill()
        let second = try await PrivatePostgres.start(directory: data, port: first.port, isDurable: false)
        await second.kill()
        // As if a living process had the number of the one that was killed.
        try "\(getpid())\n".write(toFile: "\(data)/.s.PGSQL.\(first.port).lock", atomically: false, encoding: .utf8)
        let third = try await PrivatePostgres.start(directory: data, isDurable: false)
        let left = try FileManager.default.contentsOfDirectory(atPath: data).filter { $0.hasPrefix(".s.PGSQL.") }.sorted()
        #expect(left == [".s.PGSQL.\(third.port)", ".s.PGSQL.\(third.port).lock"])
        await third.stop()
    }

    private func withPrivate(in directory: String, _ body: (PrivateRedis, PrivatePostgres) async throws -> Void) async throws {
        let redis = try await PrivateRedis.start(directory: "\(directory)/redis")
        let postgres: PrivatePostgres
        do {
            postgres = try await PrivatePostgres.start(directory: "\(directory)/postgres", isDurable: false)
        } catch {
            await redis.kill()
            throw error
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(redis, postgres))
        } catch {
            result = .failure(error)
        }
        await redis.kill()
        await postgres.kill()
        try result.get()
    }
}
