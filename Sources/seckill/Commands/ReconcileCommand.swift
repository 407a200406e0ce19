import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Show where Redis and Postgres differ while a sale runs, and repair it.",
        discussion: """
            Orders in flight, and units on their way back, are counted. Without --apply nothing is changed, and a difference ends the command with 7. With it, a sale \
            that differs is rebuilt in Redis from Postgres: its buyers hear `recovering` for that moment, a second or so per hundred thousand orders. Orders that Redis \
            counts and Postgres has lost, as by the failover to a standby that had not received them, are all that tells who was told 201. They are listed and written to \
            operator_audit, and they keep their units until --drop-surplus says otherwise; until then the command ends with 7.
            """)

    @Option(sale: "Only this sale.") var sale: SaleID?
    @Flag(help: "Repair what differs.")
    var apply = false
    @Flag(help: "With --apply: forget the orders that Postgres has lost, and put their units on sale again.")
    var dropSurplus = false
    @OptionGroup var why: ReasonOptions
    @OptionGroup var output: ReportOptions
    @OptionGroup var stores: StoreFlags

    func validate() throws {
        if dropSurplus && !apply { throw ValidationError("--drop-surplus changes Redis; give it together with --apply") }
    }

    func run() async throws {
        let lost: LostOrders = dropSurplus ? .dropped : .kept
        let (found, left) = try await withSession(stores) { session in
            let sales = if let sale { [sale] } else { try await session.ledger.sales().map(\.id) }
            var found = ReconcileReport()
            for sale in sales { found.add(try await session.operations.drift(of: sale), of: sale) }
            var left = found
            for sale in found.salesRepaired(by: lost) where apply {
                try await session.operations.repair(sale, lost: lost, by: .ofThisProcess.because(why.reason))
                left.replace(sale, with: try await session.operations.drift(of: sale))
            }
            return (found, left)
        }
        try output.output.print(found) { found.print(output.output) }
        if found.isUncertain {
            Console.message("some units moved all the while, so that their items could not be compared; try again when it is quieter")
        }
        let rebuilt = apply ? found.salesRepaired(by: lost) : []
        for sale in rebuilt { Console.message("sale \(sale): rebuilt in Redis from Postgres") }
        why.warn(isNothing: rebuilt.isEmpty)
        if left.lostOrders > 0 {
            Console.message(
                "\(left.lostOrders) orders that Postgres has lost hold their units in Redis; reconcile --apply --drop-surplus puts the units on sale again"
            )
        }
        guard !left.differs else { throw CommandFailure(.checkFailed, "Redis and Postgres differ") }
    }
}
