import RedisStock
import Testing

@Suite struct RedisURLTests {
    private struct NotSentinels: Error {}

    @Test(arguments: [
        ("redis://127.0.0.1:6380/2", "127.0.0.1", 6380, 2),
        ("redis://redis.internal", "redis.internal", 6379, 0),
        ("redis://redis.internal/", "redis.internal", 6379, 0),
        ("redis://redis.internal:7000", "redis.internal", 7000, 0),
        ("redis://[::1]:6380/1", "::1", 6380, 1),
        ("redis://[::1]", "::1", 6379, 0),
    ])
    func aTCPAddressIsRead(text: String, host: String, port: Int, database: Int) throws {
        let url = try RedisURL(text)
        #expect(url.address == .tcp(host: host, port: port))
        #expect(url.database == database)
        #expect(url.user == nil && url.password == nil)
    }

    @Test(arguments: [
        ("unix:///run/redis.sock", "/run/redis.sock", 0), ("unix:///run/a%20b.sock?db=3", "/run/a b.sock", 3),
        ("unix:///" + String(repeating: "p", count: 106), "/" + String(repeating: "p", count: 106), 0),
    ])
    func aSocketIsRead(text: String, path: String, database: Int) throws {
        let url = try RedisURL(text)
        #expect(url.address == .unix(path: path))
        #expect(url.database == database)
    }

    @Test(arguments: [
        ("redis+sentinel://10.0.0.1:26380,10.0.0.2/shop", ["10.0.0.1:26380", "10.0.0.2:26379"], 0),
        ("redis+sentinel://:pass@[::1]:1/shop/2", ["[::1]:1"], 2),
    ])
    func sentinelsAreRead(text: String, sentinels: [String], database: Int) throws {
        let url = try RedisURL(text)
        guard case .sentinel(let group) = url.address else { throw NotSentinels() }
        #expect(group.sentinels.map(\.description) == sentinels)
        #expect(group.name == "shop")
        #expect(url.database == database)
    }

    @Test(arguments: [
        ("redis://shop:s%40crt@h", "shop", "s@crt"), ("redis://:pass@h:1/0", nil, "pass"), ("redis://u:a:b@h", "u", "a:b"),
        ("unix://:pass@/run/redis.sock", nil, "pass"),
    ])
    func credentialsAreReadAndPercentDecoded(text: String, user: String?, password: String) throws {
        let url = try RedisURL(text)
        #expect(url.user == user)
        #expect(url.password == password)
    }

    @Test(arguments: [
        ("http://h", "it begins with none of redis://, unix:// and redis+sentinel://"),
        ("rediss://h", "TLS (rediss) is not supported"),
        ("redis://", "it names no host"),
        ("redis://:6379", "it names no host"),
        ("redis://h:0", "the port is not a number from 1 to 65535"),
        ("redis://h:65536", "the port is not a number from 1 to 65535"),
        ("redis://h:+1", "the port is not a number from 1 to 65535"),
        ("redis://h/x", "the database is not a number"),
        ("redis://h?db=1", "the database is not a number"),
        ("redis://[::1", "the address has no closing bracket"),
        ("redis://user@h", "a user needs a password: user:password@"),
        ("redis://:pa/ss@h", "an @ stands behind a / or a ?"),
        ("redis://:pa?ss@h/0", "an @ stands behind a / or a ?"),
        ("redis+sentinel://u:pa/ss@h:26379/shop", "an @ stands behind a / or a ?"),
        ("redis://u:%zz@h", "a percent sign is not followed by two hexadecimal digits"),
        ("redis://u:%+1@h", "a percent sign is not followed by two hexadecimal digits"),
        ("unix://relative.sock", "it names no absolute path"),
        ("unix://host/run/redis.sock", "it names a host before the path of a socket"),
        ("unix:///run/redis.sock?database=1", "the database is not a number"),
        ("unix:/run/redis.sock", "it begins with none of redis://, unix:// and redis+sentinel://"),
        ("unix:///" + String(repeating: "p", count: 107), "the path of the socket has more than 107 bytes"),
        ("unix:///run/redis%00.sock", "the path of the socket has a zero byte"),
        ("redis+sentinel://h:26379", "it names no primary after the Sentinels"),
        ("redis+sentinel://h:26379/", "it names no primary after the Sentinels"),
        ("redis+sentinel://h:26379,/shop", "it names no host"),
        ("redis+sentinel://h/shop/x", "the database is not a number"),
    ])
    func aWrongURLSaysWhatIsWrong(text: String, reason: String) {
        #expect(
            performing: {
                try RedisURL(text)
            },
            throws: { error in
                (error as? RedisURL.Invalid)?.reason == reason
            })
    }

    @Test func thePasswordIsNeverPrinted() throws {
        #expect(try RedisURL("redis://shop:secret@h:1/2").description == "redis://h:1/2")
        #expect(throws: RedisURL.Invalid.self) { try RedisURL("redis://shop:secret@h:x") }
        do { _ = try RedisURL("redis://shop:secret@h:x") } catch { #expect(!error.description.contains("secret")) }
    }

    @Test(arguments: ["redis://127.0.0.1:6380/2", "redis://[::1]:6379/0", "unix:///run/redis.sock?db=0", "redis+sentinel://a:1,b:2/shop/0"])
    func aDescriptionReadsBackAsTheSameAddress(text: String) throws {
        #expect(try RedisURL(text).description == text)
    }
}
