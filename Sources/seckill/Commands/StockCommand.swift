import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct StockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock", abstract: "Load, add and look at stock.", subcommands: [Load.self, Add.self, Show.self])
}

extension StockCommand {
    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add items to a sale, or change them, from CSV.",
            discussion: """
                The first line is \(ItemFile.columns.joined(separator: ",")). If any line is bad, nothing is loaded. The stock of \
                items that exist becomes what the file says.
                """)

        @Option(sale: "The sale.") var sale: SaleID
        @Option(
            name: [.short, .long], help: ArgumentHelp("The CSV file; - is standard input.", valueName: "path"), completion: .file(extensions: ["csv"])
        )
        var file: String
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var obedience: ObedienceOptions
        @OptionGroup var output: ReportOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            let items: [SaleDefinition.Item]
            do {
                items = try ItemFile.read(InputFile.read(file, bytesMax: ItemFile.bytesMax))
            } catch {
                throw CommandFailure(error, file: file)
            }
            let (changes, seen) = try await withSession(stores, file: file) { session in
                try await obedience.after(sale, writes, in: session, isNothing: \.isEmpty) {
                    try await session.operations.load(items, into: sale, dryRun: writes.dryRun, by: .ofThisProcess.because(why.reason))
                }
            }
            try ChangeReport(sale: sale, changes: changes, isDryRun: writes.dryRun, seen: seen).print(output.output)
            why.warn(isNothing: changes.isEmpty)
            try obedience.print(seen, output.output)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put units on sale, or take them off.",
            discussion: "A negative number takes units off sale that nobody has been granted.")

        @Option(sale: "The sale.") var sale: SaleID
        @Option(sku: "The item.") var sku: SKU
        @Argument(parsing: .allUnrecognized, help: ArgumentHelp("How many; may be negative.", valueName: "units"))
        var units: [String]
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var obedience: ObedienceOptions
        @OptionGroup var output: ReportOptions
        @OptionGroup var stores: StoreFlags

        /// `-5` looks like a flag to the parser, which therefore hands over everything that it does
        /// not know, the `--` of those who are careful included.
        private var number: Int64? {
            let words = units.first == "--" ? units.dropFirst() : units[...]
            return words.count == 1 ? words.first.flatMap { Int64($0) } : nil
        }

        func validate() throws {
            guard let number, number != 0 else {
                throw ValidationError("give one whole number of units other than 0, not \(units.joined(separator: " "))")
            }
        }

        func run() async throws {
            guard let number else { return }
            let (changes, seen) = try await withSession(stores) { session in
                try await obedience.after(sale, writes, in: session) {
                    try await session.operations.addStock(number, of: sku, in: sale, dryRun: writes.dryRun, by: .ofThisProcess.because(why.reason))
                }
            }
            try ChangeReport(sale: sale, changes: changes, isDryRun: writes.dryRun, seen: seen).print(output.output)
            why.warn(isNothing: changes.isEmpty)
            try obedience.print(seen, output.output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the stock of a sale.")

        @Option(sale: "The sale.") var sale: SaleID
        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await watches.run {
                let report = SaleReport(try await withSession(stores) { session in try await session.operations.sale(sale) }, now: .now)
                try ListWriter.print(report.items, output.output)
            }
        }
    }
}
