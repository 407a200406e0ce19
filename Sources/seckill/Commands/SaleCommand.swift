import ArgumentParser
import OperatorInput
import SaleCore
import SaleService
import ServerAssembly

struct SaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sale", abstract: "Create, change and look at sales.",
        subcommands: [Apply.self, List.self, Show.self, Pause.self, Resume.self, Close.self])
}

extension SaleCommand {
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a sale or change it to what a YAML file says; prints the difference.",
            discussion: """
                Items that the file does not name stay, and so does the status. The stock of items that the sale already has stays, too, and what differs is said: units may \
                have been added since the file was written. With --stock set it moves by the difference, never below what is committed.
                """)

        @Option(name: [.short, .long], help: ArgumentHelp("The YAML file; - is standard input.", valueName: "path"))
        var file: String
        @Option(help: "The stock of items that exist: keep it, or set it to what the file says.")
        var stock: StockPolicy = .keep
        @OptionGroup var writes: WriteOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreOptions

        func run() async throws {
            let definition: SaleDefinition
            do {
                definition = try SaleFile.read(InputFile.read(file, bytesMax: SaleFile.bytesMax))
            } catch {
                throw CommandFailure(error, file: file)
            }
            guard let sale = SaleID(definition.sale) else { throw CommandFailure(.usage, "\(file): sale: is not a name of a sale") }
            let difference = try await withSession(stores, file: file) { session in
                try await session.operations.apply(definition, stock: stock, dryRun: writes.dryRun, by: .ofThisProcess)
            }
            try ChangeReport(sale: sale, changes: difference.changes, stockLeft: difference.stockLeft, isDryRun: writes.dryRun).print(output.output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all sales.")

        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreOptions

        func run() async throws {
            let sales = try await withSession(stores) { session in try await session.operations.sales() }
                .map { SaleReport($0, now: .now) }
            if output.output == .json {
                try JSONOutput.print(["sales": sales])
                return
            }
            var table = TextTable(
                ("SALE", .left), ("TITLE", .left), ("STATE", .left), ("OPENS AT", .left), ("CLOSES AT", .left), ("ITEMS", .right),
                ("STOCK", .right), ("COMMITTED", .right))
            for sale in sales {
                table.add(
                    sale.sale, sale.title, sale.state, sale.opensAt, sale.closesAt, String(sale.items.count),
                    String(sale.items.reduce(0) { $0 + $1.stock }), String(sale.items.reduce(0) { $0 + $1.committed }))
            }
            table.print()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one sale with its items.")

        @Argument var sale: SaleID
        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreOptions

        func run() async throws {
            let report = SaleReport(try await withSession(stores) { session in try await session.operations.sale(sale) }, now: .now)
            if output.output == .json {
                try JSONOutput.print(report)
            } else {
                report.print()
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse purchases until the sale is resumed.")
        @OptionGroup var arguments: StatusArguments
        func run() async throws { try await arguments.set(.paused) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sell again after a pause.")
        @OptionGroup var arguments: StatusArguments
        func run() async throws { try await arguments.set(.open) }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a sale for good.",
            discussion: "No command opens it again. On a terminal it asks for the sale's name; elsewhere --confirm must give it.")

        @OptionGroup var arguments: StatusArguments
        @Option(help: ArgumentHelp("The sale's name once more, to mean it.", valueName: "sale"))
        var confirm: String?

        func run() async throws {
            if !arguments.writes.dryRun { try confirmed() }
            try await arguments.set(.closed)
        }

        private func confirmed() throws(CommandFailure) {
            let sale = arguments.sale.rawValue
            let answer: String
            if let confirm {
                answer = confirm
            } else if Console.canAsk {
                answer = Console.ask("This ends sale \(sale) for good. Type its name to close it: ")
            } else {
                throw CommandFailure(.usage, "closing is final; to mean it, give --confirm \(sale)")
            }
            guard answer == sale else { throw CommandFailure(.usage, "\"\(answer)\" is not \(sale): nothing was closed") }
        }
    }
}

/// What pausing, resuming and closing have in common.
struct StatusArguments: ParsableArguments {
    @Argument var sale: SaleID
    @OptionGroup var writes: WriteOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var stores: StoreOptions

    func set(_ status: SaleStatus) async throws {
        let changes = try await withSession(stores) { session in
            try await session.operations.setStatus(status, of: sale, dryRun: writes.dryRun, by: .ofThisProcess)
        }
        try ChangeReport(sale: sale, changes: changes, isDryRun: writes.dryRun).print(output.output)
    }
}
