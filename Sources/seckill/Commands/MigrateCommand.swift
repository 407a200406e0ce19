import ArgumentParser
import SaleService
import ServerAssembly

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Apply the schema to Postgres. Safe to repeat.")

    @OptionGroup var stores: StoreFlags
    @OptionGroup var writes: WriteOptions

    func run() async throws {
        if writes.dryRun {
            let missing = try await withSession(stores) { session in try await session.missingSchema() }
            let found =
                missing.map { "the schema would be applied: \($0)" } ?? "what this program reads is there; at most types and indexes would change"
            return Console.message("\(found) (dry run; nothing was changed)")
        }
        try await withSession(stores) { session in
            do throws(JournalError) {
                try await session.ledger.migrate()
            } catch {
                // Whatever is missing, to migrate is not what helps.
                guard case .failed = error else { throw error }
                throw CommandFailure(.failure, "the schema cannot be applied: \(error)")
            }
        }
        Console.message("the schema is applied")
    }
}
