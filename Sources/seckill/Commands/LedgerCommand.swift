import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show every movement of a sale's units and money, item by item, each item's oldest first, with what is left after it.",
        discussion: """
            load: units were put on sale, or taken off. commit: a batch of orders took units. release: an order gave its units back. payment, refund: money came, or went back.
            """)

    @Option(sale: "The sale.") var sale: SaleID
    @Option(sku: "Only this item.") var sku: SKU?
    @OptionGroup var output: OutputOptions
    @OptionGroup var watches: WatchOptions
    @OptionGroup var stores: StoreFlags

    func run() async throws {
        try await watches.run {
            try await withSession(stores) { session in
                guard let found = try await session.ledger.sale(sale) else { throw OperatorCommandError.unknownSale(sale) }
                if let sku, !found.items.contains(where: { $0.sku == sku }) { throw OperatorCommandError.unknownItem(sku, of: found) }
                var writer = try ListWriter<LedgerReport>(output.output)
                var last: LedgerPosition?
                while true {
                    let page = try await session.orders.ledger(of: sale, sku, after: last, countMax: Limits.operatorPageMax)
                    guard let end = page.last else { break }
                    try writer.add(page.map(LedgerReport.init))
                    last = end.position
                }
                try writer.end()
            }
        }
    }
}
