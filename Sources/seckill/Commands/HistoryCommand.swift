import ArgumentParser
import OperatorAPI
import SaleCore
import SaleService
import ServerAssembly

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show who changed what, newest first: every command that changed something.")

    @Option(sale: "Only of this sale.") var sale: SaleID?
    @OptionGroup var span: SpanOptions
    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
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
                var writer = try ListWriter<OperatorHistoryEntry>(output.output)
                var (left, last) = (limit, nil as Int64?)
                while left > 0 {
                    let count = min(left, Limits.operatorPageMax)
                    let page = try await session.orders.history(
                        AuditFilter(sale: sale, since: span.since, until: span.until), before: last, countMax: count)
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
