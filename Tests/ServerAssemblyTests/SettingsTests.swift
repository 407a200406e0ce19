import Foundation
import SaleCore
import ServerAssembly
import Testing

@Suite struct SettingsTests {
    @Test func everythingHasADefault() throws {
        let settings = try Settings.load(environment: [:], overrides: [:])
        #expect(settings.bind == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(settings.adminBind == ListenAddress(host: "127.0.0.1", port: 9090))
        #expect(settings.redisURL == "redis://127.0.0.1:6379/0")
        #expect(settings.auth == .jwt)
        #expect(settings.limitPerUser == RateLimit(rate: 5, burst: 10))
        #expect(settings.limitPerAddress == RateLimit(rate: 50, burst: 100))
        #expect(settings.limitTotal == RateLimit(rate: 20_000, burst: 20_000))
        #expect(settings.limitOrders == RateLimit(rate: 10, burst: 50))
        #expect(settings.trustedProxies == nil)
        #expect(settings.idleTimeout == .seconds(75))
        #expect(settings.commitWait == .seconds(1))
        #expect(settings.queueCapacity == 65_536)
    }

    @Test func aFlagBeatsTheEnvironment() throws {
        let settings = try Settings.load(
            environment: ["SECKILL_COMMIT_WAIT": "2s", "SECKILL_BIND": "0.0.0.0:80"], overrides: ["SECKILL_COMMIT_WAIT": "250ms"])
        #expect(settings.commitWait == .milliseconds(250))
        #expect(settings.bind == ListenAddress(host: "0.0.0.0", port: 80))
    }

    /// As `--ttl` and `pay_within` are.
    @Test(arguments: [("1m", 60_000), ("1m30s", 90_000), ("500ms", 500), ("1s500ms", 1_500), ("10m", 600_000)])
    func durationsAreReadAsEverywhere(text: String, milliseconds: Int64) throws {
        let settings = try Settings.load(environment: ["SECKILL_DRAIN_DEADLINE": text], overrides: [:])
        #expect(settings.drainDeadline == .milliseconds(milliseconds))
    }

    @Test func aLimitCanBeOff() throws {
        #expect(try Settings.load(environment: ["SECKILL_LIMIT_PER_IP": "off"], overrides: [:]).limitPerAddress == nil)
    }

    @Test func anEmptyValueCountsAsAbsent() throws {
        #expect(try Settings.load(environment: ["SECKILL_BIND": ""], overrides: [:]).bind.port == 8080)
    }

    @Test func anIPv6AddressStandsInBrackets() throws {
        #expect(try Settings.load(environment: ["SECKILL_BIND": "[::1]:81"], overrides: [:]).bind == ListenAddress(host: "::1", port: 81))
    }

    @Test(arguments: [
        ("SECKILL_LIMIT_PER_USR", "SECKILL_LIMIT_PER_USER"), ("SECKILL_DATABASE_URI", "SECKILL_DATABASE_URL"),
        ("SECKILL_REDIS_URL_FIEL", "SECKILL_REDIS_URL_FILE"), ("SECKILL_LOGLEVEL", "SECKILL_LOG_LEVEL"),
    ])
    func aMistypedNameIsRefusedWithTheNearestOne(name: String, nearest: String) {
        let error = #expect(throws: SettingsError.self) { try Settings.load(environment: [name: "1", "PATH": "/bin"], overrides: [:]) }
        #expect(error?.description == "\(name) is not a setting; the nearest is \(nearest)")
    }

    /// What a script or the Makefile exports reaches the service that it starts, and there a name
    /// that is none stops the start.
    @Test func whatTheScriptsExportAreSettings() throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let scripts = try FileManager.default.contentsOfDirectory(at: root.appending(path: "scripts"), includingPropertiesForKeys: nil)
        let known = Set(Setting.all.flatMap { [$0.name, "\($0.name)_FILE"] })
        for file in scripts + [root.appending(path: "Makefile"), root.appending(path: ".ci/run")] {
            let names = try String(contentsOf: file, encoding: .utf8).matches(of: /export\s.*?\b(SECKILL_[A-Z_]+)/).map { "\($0.1)" }
            #expect(known.isSuperset(of: names), "\(file.lastPathComponent) exports \(names)")
        }
    }

    /// Lines of the example, such as `SECKILL_AUTH` and `jwt`.
    private static func example() throws -> [(name: String, value: String)] {
        let file = URL(filePath: #filePath).appending(path: "../../../deploy/seckill.env").standardized
        return try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^#?(SECKILL_[A-Z_]+)=(.*)$/).map { ("\($0.1)", "\($0.2)") }
    }

    @Test func theExampleListsEachSettingOnce() throws {
        #expect(try Self.example().map(\.name).sorted() == Setting.all.map(\.name).sorted())
    }

    @Test func theExampleShowsTheDefaults() throws {
        let withoutDefault = [
            "SECKILL_DATABASE_URL", "SECKILL_JWT_SECRET_FILE", "SECKILL_JWKS_FILE", "SECKILL_JWKS_URL", "SECKILL_PAYMENT_SECRET_FILE",
            "SECKILL_TRUSTED_PROXIES", "SECKILL_EVENT_LOOPS", "SECKILL_LOG_FORMAT", "SECKILL_CORS_ORIGINS", "SECKILL_WEBHOOKS_FILE",
            "SECKILL_OPERATORS_FILE", "SECKILL_ADMIN_HOSTS", "SECKILL_OPERATOR_HEADER",
        ]
        let standard = try String(reflecting: Settings.load(environment: [:], overrides: [:]))
        for (name, value) in try Self.example() where !withoutDefault.contains(name) {
            let settings = try Settings.load(environment: [name: value], overrides: [:])
            #expect(String(reflecting: settings) == standard, "\(name)=\(value)")
        }
    }

    private static let unusual = [
        "SECKILL_BIND": "h:1", "SECKILL_ADMIN_BIND": "h:1", "SECKILL_REDIS_URL": "redis://h", "SECKILL_DATABASE_URL": "host=h",
        "SECKILL_AUTH": "trusted-header", "SECKILL_JWT_SECRET_FILE": "f", "SECKILL_JWKS_FILE": "f", "SECKILL_JWKS_URL": "http://h",
        "SECKILL_PAYMENT_SECRET_FILE": "f", "SECKILL_LIMIT_PER_USER": "1/1", "SECKILL_LIMIT_PER_IP": "1/1", "SECKILL_LIMIT_TOTAL": "1/1",
        "SECKILL_LIMIT_ORDERS": "off", "SECKILL_TRUSTED_PROXIES": "10.0.0.7", "SECKILL_PROXY_PROTOCOL": "on", "SECKILL_COMMIT_WAIT": "1ms",
        "SECKILL_IDLE_TIMEOUT": "1s", "SECKILL_DRAIN_DELAY": "0s", "SECKILL_DRAIN_DEADLINE": "1s", "SECKILL_QUEUE_CAPACITY": "1",
        "SECKILL_EVENT_LOOPS": "256", "SECKILL_STREAMS_MAX": "0",
        "SECKILL_LOG_LEVEL": "trace", "SECKILL_LOG_FORMAT": "text", "SECKILL_ACCESS_LOG": "7",
        "SECKILL_CORS_ORIGINS": "https://shop.example", "SECKILL_IDEMPOTENCY_KEY": "required", "SECKILL_WEBHOOKS_FILE": "f",
        "SECKILL_OPERATORS_FILE": "f", "SECKILL_ADMIN_HOSTS": "h,[::1]:1", "SECKILL_OPERATOR_HEADER": "X-User", "SECKILL_STOREFRONT": "on",
    ]

    /// Each setting has a field of its own, which it alone fills.
    @Test(arguments: Setting.all.map(\.name))
    func everySettingIsRead(name: String) throws {
        let others = ["SECKILL_TRUSTED_PROXIES": "10.0.0.8", "SECKILL_LOG_FORMAT": "json"]
        let (before, after) = (
            try Settings.load(environment: others, overrides: [:]),
            try Settings.load(environment: others, overrides: [name: #require(Self.unusual[name])])
        )
        let changed = zip(Mirror(reflecting: before).children, Mirror(reflecting: after).children)
            .filter { String(reflecting: $0.value) != String(reflecting: $1.value) }
        #expect(changed.count == 1)
    }

    /// Operators copy from what is shown into a file.
    private static func expectShown(_ name: String, as text: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let settings = try Settings.load(environment: ["SECKILL_TRUSTED_PROXIES": "10.0.0.8"], overrides: [name: text])
        #expect(setting.text(in: settings) == text)
    }

    @Test(arguments: Setting.all.map(\.name))
    func whatIsInForceIsShownAsItIsWritten(name: String) throws {
        try Self.expectShown(name, as: #require(Self.unusual[name]))
        let setting = try #require(Setting.all.first { $0.name == name })
        let standard = setting.text(in: try Settings.load(environment: [:], overrides: [:]))
        #expect(!standard.contains("(") && !standard.contains("["))
        try Self.expectShown(name, as: standard)
    }

    @Test(arguments: [
        ("SECKILL_ADMIN_BIND", "[::1]:9090"), ("SECKILL_ADMIN_HOSTS", "ops"), ("SECKILL_ADMIN_HOSTS", "seckill.example.com,ops:9443"),
        ("SECKILL_LIMIT_PER_USER", "off"), ("SECKILL_TRUSTED_PROXIES", "10.0.0.7,10.1.0.0/16,2001:db8::/32"),
        ("SECKILL_COMMIT_WAIT", "1s500ms"), ("SECKILL_DRAIN_DEADLINE", "1m30s"), ("SECKILL_ACCESS_LOG", "off"), ("SECKILL_ACCESS_LOG", "errors"),
        ("SECKILL_ACCESS_LOG", "all"),
        ("SECKILL_CORS_ORIGINS", "https://a.example,http://localhost:3000"), ("SECKILL_CORS_ORIGINS", "*"),
        ("SECKILL_IDEMPOTENCY_KEY", "browsers"), ("SECKILL_STOREFRONT", "off"),
    ])
    func everyFormIsShownAsItIsWritten(name: String, text: String) throws {
        try Self.expectShown(name, as: text)
    }

    @Test func aSecretMayBeInAFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "seckill-setting-\(UInt64.random(in: .min ... .max))")
        try Data("host=h password=p\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try Settings.load(environment: ["SECKILL_DATABASE_URL_FILE": file.path], overrides: [:]).databaseURL == "host=h password=p")
        let missing = #expect(throws: SettingsError.self) {
            try Settings.load(environment: ["SECKILL_REDIS_URL_FILE": "/nowhere"], overrides: [:])
        }
        #expect(missing?.description == "SECKILL_REDIS_URL_FILE cannot be read: /nowhere")
    }

    @Test func aPROXYHeaderIsExpectedOfSomebody() {
        let error = #expect(throws: SettingsError.self) { try Settings.load(environment: ["SECKILL_PROXY_PROTOCOL": "on"], overrides: [:]) }
        #expect(error?.description == "SECKILL_PROXY_PROTOCOL is on, and SECKILL_TRUSTED_PROXIES names nobody who may speak it")
    }

    @Test(arguments: [
        ("redis://shop:hunter-2@h:1/2", "redis://h:1/2"), ("unix://:hunter-2@/run/redis.sock?db=3", "unix:///run/redis.sock?db=3"),
        ("redis://:hunter/2@h", "SECKILL_REDIS_URL is no Redis URL"),
    ])
    func redisIsNamedWithoutItsPassword(url: String, name: String) throws {
        #expect(try Settings.load(environment: ["SECKILL_REDIS_URL": url], overrides: [:]).redisEndpoint == name)
    }

    @Test(arguments: [
        ("postgres://shop:hunter-2@h:1/db", "host=h port=1 dbname=db user=shop"), ("host=h password=hunter-2 dbname=db", "host=h dbname=db"),
        ("postgres://shop:hunter@2@h/db", "SECKILL_DATABASE_URL is no libpq URI or conninfo"), ("sslmode=disable", "the default connection"),
        ("", "SECKILL_DATABASE_URL is not set"),
    ])
    func postgresIsNamedWithoutItsPassword(url: String, name: String) throws {
        #expect(try Settings.load(environment: ["SECKILL_DATABASE_URL": url], overrides: [:]).databaseEndpoint == name)
    }

    @Test(arguments: [
        ("SECKILL_BIND", "*:8080"), ("SECKILL_BIND", "http://127.0.0.1:8080"), ("SECKILL_BIND", "127.0.0.1:8080/"), ("SECKILL_BIND", "host:+80"),
        ("SECKILL_BIND", "::1:80"), ("SECKILL_BIND", "[host]:80"), ("SECKILL_ADMIN_BIND", "a b:80"),
        ("SECKILL_BIND", "8080"), ("SECKILL_BIND", "host:99999"), ("SECKILL_ADMIN_BIND", ":"), ("SECKILL_AUTH", "none"),
        ("SECKILL_LIMIT_PER_USER", "5"), ("SECKILL_LIMIT_PER_IP", "0/5"), ("SECKILL_LIMIT_TOTAL", "a/b"), ("SECKILL_COMMIT_WAIT", "1"),
        ("SECKILL_COMMIT_WAIT", "1h"), ("SECKILL_COMMIT_WAIT", "26s"), ("SECKILL_QUEUE_CAPACITY", "0"), ("SECKILL_QUEUE_CAPACITY", "1.5"),
        ("SECKILL_IDLE_TIMEOUT", "999ms"), ("SECKILL_IDLE_TIMEOUT", "1h1s"), ("SECKILL_DRAIN_DEADLINE", "1s1m"), ("SECKILL_LIMIT_ORDERS", "1"),
        ("SECKILL_EVENT_LOOPS", "-1"), ("SECKILL_STREAMS_MAX", "10001"), ("SECKILL_LOG_LEVEL", "loud"), ("SECKILL_LOG_FORMAT", "xml"),
        ("SECKILL_TRUSTED_PROXIES", "10.0.0.0/33"), ("SECKILL_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2"),
        ("SECKILL_DRAIN_DELAY", "61s"), ("SECKILL_PROXY_PROTOCOL", "yes"), ("SECKILL_ACCESS_LOG", "0"), ("SECKILL_ACCESS_LOG", "some"),
        ("SECKILL_CORS_ORIGINS", "https://shop.example/"), ("SECKILL_IDEMPOTENCY_KEY", "on"), ("SECKILL_STOREFRONT", "yes"),
        ("SECKILL_ADMIN_HOSTS", "h,"), ("SECKILL_ADMIN_HOSTS", "http://h"), ("SECKILL_ADMIN_HOSTS", "h:99999"), ("SECKILL_OPERATOR_HEADER", "X User"),
    ])
    func aWrongValueIsNamedInOneLine(name: String, value: String) {
        let error = #expect(throws: SettingsError.self) { try Settings.load(environment: [name: value], overrides: [:]) }
        #expect(error?.description.hasPrefix("\(name) must be ") == true)
        #expect(error?.description.contains("\n") == false)
    }
}
