import ArgumentParser
import SaleService
import ServerAssembly

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Apply the schema to Postgres. Safe to repeat.")

    @OptionGroup var stores: StoreOptions

    func run() async throws {
        try await withSession(stores) { session in
            try await session.ledger.migrate()
        }
        Console.message("the schema is applied")
    }
}
