import ArgumentParser
import OperatorAPI
import SaleCore
import SaleService
import ServerAssembly

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show who changed what, newest first: every command that changed something.",
        discussion: "The table says who, when, what and why; -o wide adds the whole command, channel, order and request.")

    @Option(sale: "Only of this sale.") var sale: SaleID?
    @Option(help: ArgumentHelp("Only what this one did, such as root, or the name of an operator's token.", valueName: "name"))
    var actor: String?
    @OptionGroup var span: SpanOptions
    @Option(help: ArgumentHelp("At most so many; 100 unless given.", valueName: "count"), transform: WholeNumber.count)
    var limit = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var watches: WatchOptions
    @OptionGroup var stores: StoreFlags

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be between 1 and 1000000") }
    }

    func run() async throws {
        try await watches.run {
            try await withSession(stores) { session in
                if let sale, try await session.ledger.sale(sale) == nil { throw OperatorCommandError.unknownSale(sale) }
                var writer = try ListWriter<OperatorHistoryEntry>(output.output)
                var (left, last) = (limit, nil as Int64?)
                while left > 0 {
                    let count = min(left, Limits.operatorPageMax)
                    let page = try await session.orders.history(
                        AuditFilter(sale: sale, since: span.since, until: span.until, actor: actor), before: last, countMax: count)
                    try writer.add(page.map(OperatorHistoryEntry.init))
                    guard page.count == count, let end = page.last else { break }
                    last = end.id
                    left -= count
                }
                try writer.end()
            }
        }
    }
}
