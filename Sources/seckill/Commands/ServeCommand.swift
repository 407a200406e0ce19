import ArgumentParser
import Glibc
import Logging
import SaleService
import ServerAssembly

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the service in the foreground.",
        discussion: """
            SIGTERM and Ctrl-C drain: the service says that it is not ready and goes on for SECKILL_DRAIN_DELAY; then its ports close, requests under way are answered, \
            and every order in the queue is committed. A second signal, or SECKILL_DRAIN_DEADLINE, ends it at once: what is left stands in the reservation log, \
            where any node finishes it. SIGHUP drains, too, when the terminal has gone that controls the process; elsewhere it is ignored, as nothing is reloaded.
            """)

    @OptionGroup var addresses: AddressFlags
    @OptionGroup var stores: StoreFlags
    @OptionGroup var auth: AuthFlags
    @OptionGroup var operators: OperatorFlags
    @OptionGroup var capacity: CapacityFlags
    @OptionGroup var pages: PageFlags
    @OptionGroup var events: EventFlags
    @OptionGroup var logs: LogFlags

    var overrides: [String: String] {
        let groups: [any SettingFlags] = [addresses, stores, auth, operators, capacity, pages, events, logs]
        return groups.reduce(into: [:]) { $0.merge($1.overrides) { $1 } }
    }

    func run() async throws {
        let settings = try Settings.load(overrides)
        let hangup = Hangup.ofThisProcess()
        let log = LogWriter(handle: 2, format: settings.logFormat)
        defer { log.flush() }
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: settings.logLevel, writer: log) }
        do {
            try await Self.serve(settings, hangup, Logger(label: "seckill"), log)
        } catch {
            throw CommandFailure(error, settings: settings)
        }
    }

    private static func serve(_ settings: Settings, _ hangup: Hangup, _ logger: Logger, _ log: LogWriter) async throws {
        let server = try await SeckillServer(settings: settings, logger: logger)
        let systemd = SystemdNotifier()
        try await server.run(hangup: hangup) { isServing in
            await systemd?.keepAlive(while: isServing)
        } onDraining: {
            systemd?.stopping()
        } onCutShort: { ordersLeft in
            logger.warning("ended before it was drained; the reservation log keeps what is left", metadata: [LogKey.count: "\(ordersLeft)"])
            log.flush()
            // A store that hangs would keep the process for as long as it hangs.
            _exit(ExitStatus.interrupted.rawValue)
        } onListening: { bind, adminBind in
            logger.notice("serving", metadata: [LogKey.address: "\(bind)", LogKey.adminAddress: "\(adminBind)"])
            systemd?.ready()
        }
    }
}
