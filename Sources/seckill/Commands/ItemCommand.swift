import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct ItemCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "item", abstract: "Change the items of a sale.", subcommands: [Set.self])
}

extension ItemCommand {
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change an item's price, limit or title.",
            discussion: "Orders that are there keep the price that they were made at. Stock is changed by `seckill stock add`.")

        @Option(sale: "The sale.") var sale: SaleID
        @Option(sku: "The item.") var sku: SKU
        @Option(help: ArgumentHelp("In the currency's own decimals, such as 3999.00.", valueName: "price"))
        var price: String?
        @Option(help: ArgumentHelp("The same in the currency's minor unit, such as 399900.", valueName: "minor"), transform: WholeNumber.minor)
        var unitPrice: Int64?
        @Option(help: ArgumentHelp("Units that one user may buy.", valueName: "count"), transform: WholeNumber.count)
        var limit: Int?
        @Option(help: "What buyers read.")
        var title: String?
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var obedience: ObedienceOptions
        @OptionGroup var output: ReportOptions
        @OptionGroup var stores: StoreFlags

        func validate() throws {
            if price != nil, unitPrice != nil { throw ValidationError("give --price or --unit-price, not both") }
            if price == nil, unitPrice == nil, limit == nil, title == nil {
                throw ValidationError("give what is to change: --price, --unit-price, --limit or --title")
            }
        }

        func run() async throws {
            let (changes, seen) = try await withSession(stores) { session in
                try await obedience.after(sale, writes, in: session, isNothing: \.isEmpty) {
                    var settings = ItemSettings(title: title, unitPrice: unitPrice, limitPerUser: limit)
                    if let price { (settings.unitPrice, settings.currency) = try await minor(price, in: session) }
                    return try await session.operations.set(
                        settings, of: sku, in: sale, dryRun: writes.dryRun, by: .ofThisProcess.because(why.reason))
                }
            }
            try ChangeReport(sale: sale, changes: changes, isDryRun: writes.dryRun, seen: seen).print(output.output)
            why.warn(isNothing: changes.isEmpty)
            try obedience.print(seen, output.output)
        }

        private func minor(_ text: String, in session: OperatorSession) async throws -> (Int64, Currency) {
            guard let found = try await session.ledger.sale(sale) else { throw OperatorCommandError.unknownSale(sale) }
            guard let item = found.items.first(where: { $0.sku == sku }) else { throw OperatorCommandError.unknownItem(sku, of: found) }
            guard let minor = Money.minor(text, item.currency) else {
                throw CommandFailure(
                    .usage, "--price must be an amount of \(item.currency) such as \(Money.text(item.unitPrice, item.currency)), not \"\(text)\"")
            }
            return (minor, item.currency)
        }
    }
}
