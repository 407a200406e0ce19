import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check that no unit is oversold, leaked or minted, and no user is over the limit.",
        discussion: """
            Compares Redis with Postgres: loaded = available + in flight + live orders, for every item. Reads until the books stand still, a few seconds at most; \
            of a sale that sells all the while only the books of Postgres are judged. Ends with 7 if anything does not balance.
            """)

    @Option(sale: "Only this sale.") var sale: SaleID?
    @OptionGroup var output: OutputOptions
    @OptionGroup var stores: StoreFlags

    func run() async throws {
        let audits = try await withSession(stores) { session in
            var audits: [SaleAudit] = []
            let sales = if let sale { [sale] } else { try await session.ledger.sales().map(\.id) }
            for sale in sales { audits.append(try await session.operations.audit(sale)) }
            return audits
        }
        let report = AuditReport(audits)
        try report.print(output.output)
        for audit in audits where !audit.isSettled {
            Console.message(
                "sale \(audit.sale): units moved all the while, so Redis and Postgres could not be compared; audit again when it is quieter")
        }
        guard report.balanced else { throw CommandFailure(.checkFailed, "the books do not balance") }
    }
}
