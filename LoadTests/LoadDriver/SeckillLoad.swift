import ArgumentParser
import Foundation
import LoadModel
import LoadSupport

/// Load tests of a running service, and the verdict on what it did.
@main
struct SeckillLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seckill-load",
        abstract: "Fires purchases at a running service on a fixed schedule, and judges the outcome.",
        discussion: """
            Exit: 0 ok, 2 usage, 3 the generator could not keep its schedule, 4 target unreachable, 99 a threshold or an invariant failed, \
            130 interrupted.
            """,
        subcommands: [Rush.self, Ramp.self, Soak.self, SoldOut.self, Bots.self, Life.self, Merge.self])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as RunFailure {
            Messages.say("seckill-load: \(failure.message)")
            Foundation.exit(failure.status.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                print(fullMessage(for: error))
            } else if !(error is ExitCode) {
                Messages.say(fullMessage(for: error))
            }
            Foundation.exit(code == .validationFailure ? RunExit.usage.rawValue : code.rawValue)
        }
    }
}

/// Why there is no run to report on.
struct RunFailure: Error {
    var status: RunExit
    var message: String
}
