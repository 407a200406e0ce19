import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct SaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sale", abstract: "Create, change and look at sales.",
        subcommands: [Init.self, Apply.self, Set.self, List.self, Show.self, Pause.self, Resume.self, Close.self])
}

extension SaleCommand {
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a sale or change it to what a YAML file says; prints the difference.",
            discussion: """
                A file with a version, as `sale show -o yaml` prints it, is refused with 4 when the sale is at another one: somebody has changed it since. \
                Items that the file does not name stay, and so does the status. The stock of items that the sale already has stays, too, and what differs is said: units may \
                have been added since the file was written. With --stock set it moves by the difference, never below what is committed.
                """)

        @Option(
            name: [.short, .long], help: ArgumentHelp("The YAML file; - is standard input.", valueName: "path"),
            completion: .file(extensions: ["yaml", "yml"]))
        var file: String
        @Option(help: "The stock of items that exist: keep it, or set it to what the file says.")
        var stock: StockPolicy = .keep
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var obedience: ObedienceOptions
        @OptionGroup var output: ReportOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            let contents: SaleFile.Contents
            do {
                contents = try SaleFile.contents(of: InputFile.read(file, bytesMax: SaleFile.bytesMax))
            } catch {
                throw CommandFailure(error, file: file)
            }
            guard let sale = SaleID(contents.definition.sale) else { throw CommandFailure(.usage, "\(file): sale: is not a name of a sale") }
            let (difference, seen) = try await withSession(stores, file: file) { session in
                try await obedience.after(sale, writes, in: session, isNothing: \.changes.isEmpty) {
                    try await apply(contents, in: session)
                }
            }
            let report = ChangeReport(
                sale: sale, changes: difference.changes, stockLeft: difference.stockLeft, isDryRun: writes.dryRun, seen: seen)
            try report.print(output.output)
            why.warn(isNothing: difference.changes.isEmpty)
            try obedience.print(seen, output.output)
        }

        private func apply(_ contents: SaleFile.Contents, in session: OperatorSession) async throws -> SaleDifference {
            do {
                return try await session.operations.apply(
                    contents.definition, stock: stock, if: contents.version.map { SalePrecondition.version($0) } ?? .any, dryRun: writes.dryRun,
                    by: .ofThisProcess.because(why.reason))
            } catch {
                guard case .stale(let sale, let version) = error else { throw error }
                let made = "the file was made from version \(contents.version ?? 0)"
                let way = "take its line `version` out to apply it all the same"
                guard let version else { throw CommandFailure(.conflict, "\(file): there is no sale \(sale), and \(made) of it; \(way)") }
                throw CommandFailure(
                    .conflict,
                    "\(file): sale \(sale) is at version \(version), \(made): `seckill history --sale \(sale)` says who changed it; \(way)")
            }
        }
    }

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a commented file to start a sale from.")

        @Argument(sale: "The sale's name.") var name: SaleID = SaleID("my-sale")!

        func run() throws {
            guard let name = SaleID(name.rawValue) else { throw ValidationError("a sale's name must begin with a letter or digit") }
            Console.data(SaleFile.template(name, now: .now))
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a sale's title, its window or its time to pay.",
            discussion: """
                A time is RFC 3339, or a distance: --opens-at +30m opens it in half an hour, --closes-at +30m extends it by half an hour from the end that it had.
                """)

        @Argument(sale: "The sale.") var sale: SaleID
        @Option(help: "What buyers read.")
        var title: String?
        @Option(instant: "When it opens; +30m is from now.") var opensAt: SaleSettings.Instant?
        @Option(instant: "When it ends; +30m is from the end so far.") var closesAt: SaleSettings.Instant?
        @Option(help: ArgumentHelp("How long a buyer may take to pay, such as 15m.", valueName: "duration"), transform: Self.duration)
        var payWithin: Int64?
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var obedience: ObedienceOptions
        @OptionGroup var output: ReportOptions
        @OptionGroup var stores: StoreFlags

        private static func duration(_ text: String) throws -> Int64 {
            guard let milliseconds = DurationText.milliseconds(text) else { throw ValidationError("must be a duration such as 30s, 15m or 1h30m") }
            return milliseconds
        }

        func validate() throws {
            if title == nil, opensAt == nil, closesAt == nil, payWithin == nil {
                throw ValidationError("give what is to change: --title, --opens-at, --closes-at or --pay-within")
            }
        }

        func run() async throws {
            let settings = SaleSettings(title: title, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: payWithin)
            let (changes, seen) = try await withSession(stores) { session in
                try await obedience.after(sale, writes, in: session, isNothing: \.isEmpty) {
                    try await session.operations.set(settings, of: sale, dryRun: writes.dryRun, by: .ofThisProcess.because(why.reason))
                }
            }
            try ChangeReport(sale: sale, changes: changes, isDryRun: writes.dryRun, seen: seen).print(output.output)
            why.warn(isNothing: changes.isEmpty)
            warnOfEnd(changes, now: .now)
            try obedience.print(seen, output.output)
        }

        /// A slip in a date ends a running sale as surely as closing it does.
        private func warnOfEnd(_ changes: [SaleChange], now: Timestamp) {
            for case .setClosesAt(let from, let to) in changes where to <= now && from > now {
                Console.message(
                    "warning: \(to) is past: sale \(sale) \(writes.dryRun ? "would end" : "has ended"), and buyers \(writes.dryRun ? "would be" : "are") "
                        + "refused; to have it go on: seckill sale set \(sale) --closes-at \(from)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all sales.",
            discussion: "In a table, a sale that has ended by the clock can be extended; one that is closed stays closed. Data say closed of both.")

        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await watches.run {
                let sales = try await withSession(stores) { session in try await session.operations.sales() }
                try ListWriter.print(sales.map { SaleReport($0, now: .now) }, output.output)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one sale with its items.", discussion: "With -o yaml as `seckill sale apply` takes it.")

        @Argument(sale: "The sale.") var sale: SaleID
        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await watches.run {
                let reading = try await withSession(stores) { session in try await session.operations.sale(sale) }
                let report = SaleReport(reading, now: .now)
                switch output.output {
                case .table, .wide: try report.print(output.output)
                case .json: try JSONOutput.print(report)
                case .yaml: Console.data(SaleFile.text(reading.sale))
                case .csv: try report.printRow()
                case .ndjson, .name: try ListWriter.print([report], output.output)
                }
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
            let sale = arguments.sale.rawValue
            let confirmation = NameConfirmation(
                name: sale, consequence: "this ends sale \(sale) for good", verb: "close", undone: "nothing was closed")
            if !arguments.writes.dryRun { try confirmation.require(confirm) }
            try await arguments.set(.closed)
        }
    }
}

/// What pausing, resuming and closing have in common.
struct StatusArguments: ParsableArguments {
    @Argument(sale: "The sale.") var sale: SaleID
    @OptionGroup var why: ReasonOptions
    @OptionGroup var writes: WriteOptions
    @OptionGroup var obedience: ObedienceOptions
    @OptionGroup var output: ReportOptions
    @OptionGroup var stores: StoreFlags

    func set(_ status: SaleStatus) async throws {
        let (changes, seen) = try await withSession(stores) { session in
            // Whoever pauses what is paused wants to know whether every node has obeyed by now.
            try await obedience.after(sale, writes, in: session) {
                try await session.operations.setStatus(status, of: sale, dryRun: writes.dryRun, by: .ofThisProcess.because(why.reason))
            }
        }
        try ChangeReport(sale: sale, changes: changes, isDryRun: writes.dryRun, seen: seen).print(output.output)
        why.warn(isNothing: changes.isEmpty)
        try obedience.print(seen, output.output)
    }
}
