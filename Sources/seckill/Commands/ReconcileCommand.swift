import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Show where Redis and Postgres differ while a sale runs, and repair it.",
        discussion: """
            Orders in flight, and units on their way back, are counted. Without --apply nothing is changed, and a difference ends the command with 7. With it, a sale \
            that differs is rebuilt in Redis from Postgres: its buyers hear `recovering` for that moment, a second or so per hundred thousand orders.
            """)

    @Option(help: ArgumentHelp("Only this sale.", valueName: "sale"))
    var sale: SaleID?
    @Flag(help: "Repair what differs.")
    var apply = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var stores: StoreOptions

    func run() async throws {
        let (found, left) = try await withSession(stores) { session in
            let sales = if let sale { [sale] } else { try await session.ledger.sales().map(\.id) }
            var found = ReconcileReport()
            for sale in sales { found.add(try await session.operations.drift(of: sale), of: sale) }
            var left = found
            for sale in found.salesThatDiffer where apply {
                try await session.operations.repair(sale)
                left.replace(sale, with: try await session.operations.drift(of: sale))
            }
            return (found, left)
        }
        if output.output == .json {
            try JSONOutput.print(found)
        } else {
            found.print()
        }
        if found.isUncertain {
            Console.message("some units moved all the while, so that their items could not be compared; try again when it is quieter")
        }
        if apply { for sale in found.salesThatDiffer { Console.message("sale \(sale): rebuilt in Redis from Postgres") } }
        guard left.salesThatDiffer.isEmpty else { throw CommandFailure(.checkFailed, "Redis and Postgres differ") }
    }
}
