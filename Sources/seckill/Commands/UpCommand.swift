import ArgumentParser
import Foundation
import Glibc
import Logging
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import UnixSignals

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run everything on this machine: a private Redis and Postgres, a sample sale, and the service.",
        discussion: """
            Nothing outside the data directory is touched. Ctrl-C stops it all; the next run continues with the same data. Remove the directory to start anew.
            """)

    @Option(help: ArgumentHelp("Where data, logs and secrets are kept.", valueName: "directory"))
    var data = ".seckill"
    @Option(help: ArgumentHelp("Where buyers connect, on 127.0.0.1.", valueName: "port"))
    var port = 8080
    @Option(help: ArgumentHelp("Where operators' tools connect, on 127.0.0.1.", valueName: "port"))
    var adminPort = 9090
    @Option(\.auth) var auth: SettingText?
    @OptionGroup var operators: OperatorFlags
    @OptionGroup var capacity: CapacityFlags
    @OptionGroup var pages: PageFlags
    @OptionGroup var events: EventFlags
    @OptionGroup var logs: LogFlags

    func validate() throws {
        for port in [port, adminPort] where !(1...65_535).contains(port) { throw ValidationError("\(port) is not a TCP port") }
        if port == adminPort { throw ValidationError("--port and --admin-port must differ") }
    }

    func run() async throws {
        Self.forgetOtherPostgres()
        // First, for it may wait until an earlier run has given up its ports.
        let directory = try DataDirectory(data)
        for (port, flag) in [(port, "--port"), (adminPort, "--admin-port")] where !LocalPort.isFree(port) {
            throw CommandFailure(.conflict, "port \(port) of 127.0.0.1 is in use; choose another with \(flag)")
        }
        let hangup = Hangup.ofThisProcess()
        // What is wrong with a setting is said before anything starts.
        let files = [
            "SECKILL_JWT_SECRET_FILE": try directory.secret("jwt-secret"),
            "SECKILL_PAYMENT_SECRET_FILE": try directory.secret("payment-secret"),
        ]
        var overrides = ["SECKILL_BIND": "127.0.0.1:\(port)", "SECKILL_ADMIN_BIND": "127.0.0.1:\(adminPort)"].merging(files) { $1 }
        // Nobody balances the load of a private stack.
        overrides["SECKILL_DRAIN_DELAY"] = "0s"
        var operatorToken: String?
        if operators.overrides["SECKILL_OPERATORS_FILE"] == nil, ProcessInfo.processInfo.environment["SECKILL_OPERATORS_FILE"] == nil {
            let made = try PrivateOperator(in: directory)
            (operatorToken, overrides["SECKILL_OPERATORS_FILE"]) = (made.token, made.file)
        }
        if ProcessInfo.processInfo.environment["SECKILL_STOREFRONT"] == nil { overrides["SECKILL_STOREFRONT"] = "on" }
        if let auth { overrides[auth.name] = auth.text }
        overrides.merge(["SECKILL_JWKS_FILE": "", "SECKILL_JWKS_URL": ""]) { $1 }
        do {
            try Settings.load(overrides, operators.overrides, capacity.overrides, pages.overrides, events.overrides, logs.overrides)
                .requireUsableFiles()
        } catch {
            throw CommandFailure(error)
        }

        Console.message("starting a private Redis and Postgres in \(directory.path)")
        let stack: PrivateStack
        do {
            stack = try await PrivateStack(directory: directory.path, lastPorts: StackPorts(in: directory))
        } catch {
            throw CommandFailure(error)
        }
        try await StackPorts(redis: stack.redis.port, postgres: stack.postgres.port).keep(in: directory)
        overrides["SECKILL_REDIS_URL"] = await stack.redis.localURL
        overrides["SECKILL_DATABASE_URL"] = await stack.postgres.localURL
        let settings = try Settings.load(overrides, operators.overrides, capacity.overrides, pages.overrides, events.overrides, logs.overrides)
        let (log, messages) = (
            LogWriter(handle: try directory.openLog("seckill.log"), format: settings.logFormat), LogWriter(handle: 2, format: .text)
        )
        defer { for writer in [log, messages] { writer.flush() } }
        LoggingSystem.bootstrap { label in
            MultiplexLogHandler([
                LineLogHandler(label: label, level: settings.logLevel, writer: log),
                LineLogHandler(label: label, level: max(.warning, settings.logLevel), writer: messages),
            ])
        }
        async let supervision: Void = stack.keepRunning()
        let failure: CommandFailure?
        do {
            try directory.write(Self.environment(of: settings, files: files), to: "env")
            try await Self.prepare(settings)
            try await serve(
                settings, hangup, directory: directory.path, secretFile: files["SECKILL_JWT_SECRET_FILE"] ?? "", operatorToken: operatorToken,
                onDraining: directory.markEnding)
            failure = nil
        } catch {
            failure = CommandFailure(error, settings: settings)
        }
        directory.markEnding()
        await stack.stop()
        await supervision
        if let failure { throw failure }
        Console.message("stopped")
    }

    /// libpq reads every connection option that a URL does not give from a variable, and several
    /// beside it: those of this shell are meant for another server.
    private static func forgetOtherPostgres() {
        // The call keeps nothing of the name.
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("PG") { unsafe unsetenv(name) }
    }

    /// Makes the tables, and on the first start the sample sale.
    private static func prepare(_ settings: Settings) async throws {
        let session = try await OperatorSession.open(settings: settings, logger: Logger(label: "seckill.up"))
        do {
            try await session.ledger.migrate()
            if try await session.ledger.sales().isEmpty {
                _ = try await session.operations.apply(try SaleFile.read(SampleSale.yaml), stock: .keep, dryRun: false, by: .ofThisProcess)
            }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    private func serve(
        _ settings: Settings, _ hangup: Hangup, directory: String, secretFile: String, operatorToken: String?,
        onDraining: @escaping @Sendable () -> Void
    ) async throws {
        let mint = settings.auth == .jwt ? try TokenMint(secretFile: secretFile) : nil
        let server = try await SeckillServer(settings: settings, makeToken: mint.map(Self.tokens), logger: Logger(label: "seckill"))
        let credential = mint.map { "Authorization: Bearer \(Self.tokens(by: $0)())" } ?? "X-User-Id: \(Self.newBuyer())"
        try await server.run(
            hangup: hangup, onDraining: onDraining,
            onListening: { bind, adminBind in
                let banner = UpBanner(
                    service: "http://\(bind)", hasStorefront: settings.servesStorefront, admin: "http://\(adminBind)", operatorToken: operatorToken,
                    directory: directory, credential: credential, program: CommandLine.arguments[0])
                Console.data(banner.text)
            })
    }

    /// Makes tokens of made-up buyers, each of another one.
    private static func tokens(by mint: TokenMint) -> @Sendable () -> String {
        { mint.token(for: newBuyer(), validMilliseconds: 12 * 3_600_000) }
    }

    /// Somebody whom nobody has been before, so that no limit is used up.
    private static func newBuyer() -> UserID {
        guard let user = UserID("buyer-" + String(UInt32.random(in: .min ... .max), radix: 36)) else { fatalError("a made-up buyer's id is none") }
        return user
    }

    /// For a shell to read, so that other commands find this stack.
    private static func environment(of settings: Settings, files: [String: String]) -> String {
        let addresses = [
            "SECKILL_REDIS_URL": settings.redisURL, "SECKILL_DATABASE_URL": settings.databaseURL,
            "SECKILL_BIND": "\(settings.bind)", "SECKILL_ADMIN_BIND": "\(settings.adminBind)",
        ]
        let variables = files.merging(addresses) { $1 }
        return variables.sorted { $0.key < $1.key }.map { "export \($0.key)=\(quoted($0.value))\n" }.joined()
    }
}
