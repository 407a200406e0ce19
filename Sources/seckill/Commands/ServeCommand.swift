import ArgumentParser
import Logging
import ServerAssembly
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the service in the foreground.",
        discussion: "SIGTERM and Ctrl-C drain: requests under way are answered, and every order in the queue is committed.")

    @Option(help: ArgumentHelp("Where buyers connect.", valueName: "host:port"))
    var bind: String?
    @Option(help: ArgumentHelp("Where operators' tools connect; never to be exposed.", valueName: "host:port"))
    var adminBind: String?
    @OptionGroup var stores: StoreOptions
    @OptionGroup var auth: AuthOptions
    @OptionGroup var capacity: CapacityOptions
    @OptionGroup var logs: LogOptions

    func run() async throws {
        let addresses = ["SECKILL_BIND": bind, "SECKILL_ADMIN_BIND": adminBind].compactMapValues { $0 }
        let settings = try Settings.load(addresses, stores.overrides, auth.overrides, capacity.overrides, logs.overrides)
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, level: settings.logLevel, format: settings.logFormat, handle: 2)
        }
        let logger = Logger(label: "seckill")
        do {
            try await Self.serve(settings, logger)
        } catch {
            throw CommandFailure(error, settings: settings)
        }
    }

    private static func serve(_ settings: Settings, _ logger: Logger) async throws {
        let server = try await SeckillServer(settings: settings, logger: logger)
        let systemd = SystemdNotifier()
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals {
                    systemd?.stopping()
                    return
                }
            }
            group.addTask { await systemd?.keepAlive { await server.isServing() } }
            try await server.run { bind, adminBind in
                logger.notice("serving", metadata: ["address": "\(bind)", "admin_address": "\(adminBind)"])
                systemd?.ready()
            }
            group.cancelAll()
        }
    }
}
