import ArgumentParser
import SaleCore
import ServerAssembly

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make tokens for trying things out.", subcommands: [Mint.self])
}

extension TokenCommand {
    struct Mint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a JWT for a user, signed with the secret of SECKILL_JWT_SECRET_FILE.")

        @Option(user: "The user.") var user: UserID
        @Option(help: ArgumentHelp("How long it is valid, such as 1h30m.", valueName: "duration"))
        var ttl = "1h"
        @OptionGroup var secret: TokenSecretFlags

        func validate() throws {
            guard let milliseconds = DurationText.milliseconds(ttl), milliseconds > 0, milliseconds <= 3_650 * 86_400_000 else {
                throw ValidationError("--ttl must be a duration up to 3650d, such as 15m or 1h30m, not \(ttl)")
            }
        }

        func run() async throws {
            let settings = try Settings.load(secret.overrides)
            guard let path = settings.jwtSecretFile else {
                throw CommandFailure(.usage, "SECKILL_JWT_SECRET_FILE is not set; give it, or --jwt-secret-file")
            }
            let mint = try TokenMint(secretFile: path)
            Console.data(mint.token(for: user, validMilliseconds: DurationText.milliseconds(ttl) ?? 0))
        }
    }
}
