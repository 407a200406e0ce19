import ArgumentParser
import CFatalSignals
import Foundation
import Glibc
import SaleCore

@main enum Program {
    static func main() async {
        Console.holdMissingStreams()
        // Whoever asks for the runtime's own backtraces gets those: a child makes them, which takes
        // its time and holds our sockets meanwhile.
        if ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil { report_fatal_signals() }
        // A peer that hangs up must not end us; SwiftNIO does the same, but only once it makes a
        // socket.
        signal(SIGPIPE, SIG_IGN)
        // They mean nothing here, and would end us.
        signal(SIGUSR1, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
        signal(SIGINT) { _ in _exit(ExitStatus.interrupted.rawValue) }
        var status = await run()
        if let reason = Console.endData() {
            Console.error(reason)
            if status == .success { status = .failure }
        }
        exit(status.rawValue)
    }

    private static func run() async -> ExitStatus {
        do {
            var command = try Seckill.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return report(error)
        }
    }

    /// Says what went wrong and how the process ends for it.
    private static func report(_ error: any Error) -> ExitStatus {
        if let failure = error as? CommandFailure {
            if !failure.message.isEmpty { Console.error(failure.message) }
            return failure.status
        }
        let text = Seckill.fullMessage(for: error)
        let arguments = Array(CommandLine.arguments.dropFirst())
        if Seckill.exitCode(for: error).isSuccess {
            if let misdirection = CommandLineHelp.misdirection(arguments) {
                Console.usageError(misdirection)
                return .usage
            }
            Console.data(CommandLineHelp.page(text, arguments: arguments))
            return .success
        }
        Console.usageError(CommandLineHelp.failure(text, arguments: arguments))
        return .usage
    }
}

struct Seckill: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seckill",
        abstract: "A flash-sale backend: answers every buyer at once and truthfully, and sells each unit at most once.",
        discussion: """
            Every setting is an environment variable (SECKILL_REDIS_URL, …) and a flag of the same name (--redis-url, …), which wins.
            Data go to standard output, messages to standard error. Exit: 0 ok, 1 failure, 2 usage, 3 not found, 4 conflict, \
            5 authentication, 6 Redis or Postgres unavailable, 7 check failed, 130 interrupted.
            """,
        version: VersionCommand.text,
        subcommands: [
            UpCommand.self, ServeCommand.self, MigrateCommand.self, SaleCommand.self, StockCommand.self, OrderCommand.self,
            AuditCommand.self, ReconcileCommand.self, DoctorCommand.self, TokenCommand.self,
            ItemCommand.self, HistoryCommand.self, LedgerCommand.self, PaymentCommand.self, ConfigCommand.self, VersionCommand.self,
            EventsCommand.self, WebhookCommand.self, NodeCommand.self, TopCommand.self,
            OperatorCommand.self,
        ])
}
