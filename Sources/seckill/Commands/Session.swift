import Foundation
import Glibc
import Logging
import SaleService
import ServerAssembly

/// Runs `body` with Postgres and Redis at hand, and names what fails.
///
/// - Parameter file: the file that the operator gave, if the command takes one.
func withSession<Value>(
    _ options: StoreFlags, file: String? = nil, _ body: (OperatorSession) async throws -> Value
) async throws -> Value {
    let settings = try Settings.load(options.overrides)
    do {
        // What goes wrong is said by the command, in one line.
        let session = try await OperatorSession.open(settings: settings, logger: Logger(label: "seckill") { _ in SwiftLogNoOpLogHandler() })
        do {
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            let explained = await UnknownName.explained(error, in: session)
            await session.close()
            throw explained
        }
    } catch {
        throw CommandFailure(error, settings: settings, file: file)
    }
}

extension OperatorSession {
    /// Enters what is about to be done into the audit trail.
    func enter(_ change: UpkeepChange, because reason: String?) async throws {
        try await ledger.enterAudit(["\(change)"], of: nil, by: .ofThisProcess.because(reason))
    }
}

extension Attribution {
    /// The shell's user, by the line that was typed.
    static var ofThisProcess: Attribution {
        let environment = ProcessInfo.processInfo.environment
        // Static storage, copied before the next call overwrites it (getpwuid(3)).
        let account = unsafe getpwuid(getuid()).map { unsafe String(cString: $0.pointee.pw_name) } ?? String(getuid())
        let actor = environment["SUDO_USER"].flatMap { $0.isEmpty ? nil : "\($0) as \(account)" } ?? account
        return Attribution(actor: actor, command: commandLine(CommandLine.arguments))
    }

    /// As a shell takes it, without the values of the flags that may hold passwords.
    static func commandLine(_ arguments: [String]) -> String {
        let secretive = Setting.all.filter(\.isSecret).map { "--\($0.flag)" }
        var isSecret = false
        let shown = arguments.dropFirst().map { argument in
            defer { isSecret = secretive.contains(argument) }
            if isSecret { return "***" }
            if let flag = secretive.first(where: { argument.hasPrefix($0 + "=") }) { return flag + "=***" }
            return ShellWord.quoted(argument)
        }
        return (["seckill"] + shown).joined(separator: " ")
    }
}
