import ArgumentParser
import OperatorAPI
import SaleCore
import SaleService
import ServerAssembly

struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Look at orders, export them, cancel and refund them.",
        subcommands: [List.self, Export.self, Show.self, Cancel.self, Refund.self])
}

extension OrderCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one order with its life.",
            discussion: """
                When it was granted and committed, events of the payment provider with what they did, what operators did, units and money that moved. Of its idempotency key \
                only the hash is shown.
                """)

        @Argument(order: "The order.") var id: OrderID
        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await watches.run {
                let record = try await withSession(stores) { session in try await session.orders.order(id) }
                try OrderRecordReport(record).print(output.output)
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel an order that awaits its payment, as its buyer could.",
            discussion: """
                Its units go on sale again. A paid order is not cancelled: its buyer is paid back, as a return, at the payment provider and in the shop's own books. Who did it \
                and why stands in `seckill history`.
                """)

        @Argument(order: "The order.") var id: OrderID
        @Option(help: "Why, in one line.")
        var reason: String
        @OptionGroup var writes: WriteOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            let order = try await withSession(stores) { session in
                try await session.orders.cancel(id, dryRun: writes.dryRun, by: .ofThisProcess.because(reason))
            }
            try OrderCommand.print(order, output.output)
            let units = "\(order.quantity) × \(order.sku)"
            Console.message(
                writes.dryRun
                    ? "order \(id): would be cancelled, and \(units) go on sale again (dry run; nothing was changed)"
                    : "order \(id): cancelled; \(units) go on sale again")
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record that money went back to a buyer.",
            discussion: """
                For orders whose money came too late or twice: `seckill order list --refund-due` lists them. It moves no money: do that at the payment provider, \
                and give its reference here. The amount is all that is due, in the currency's minor unit; another one is refused.
                """)

        @Argument(order: "The order.") var id: OrderID
        @Option(help: ArgumentHelp("What went back, in the currency's minor unit.", valueName: "minor"), transform: WholeNumber.minor)
        var amount: Int64
        @Option(help: ArgumentHelp("Its currency, if it is to be checked.", valueName: "code"), transform: Self.currency)
        var currency: Currency?
        @Option(help: ArgumentHelp("What the payment provider calls the transfer.", valueName: "text"))
        var reference: String
        @Option(help: "Why, in one line.")
        var reason: String?
        @OptionGroup var writes: WriteOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreFlags

        private static func currency(_ text: String) throws -> Currency {
            guard let currency = Currency(ignoringCase: text) else { throw ValidationError("must be three letters, such as CNY") }
            return currency
        }

        func run() async throws {
            let refund = SaleService.Refund(order: id, amount: amount, currency: currency, reference: reference)
            let order = try await withSession(stores) { session in
                do {
                    return try await session.orders.record(refund, dryRun: writes.dryRun, by: .ofThisProcess.because(reason))
                } catch OperatorCommandError.conflict(let text) {
                    throw CommandFailure(.conflict, text + (await advice(in: session)))
                }
            }
            try OrderCommand.print(order, output.output)
            let money = Money.amount(amount, order.currency)
            Console.message(
                "order \(id): "
                    + (writes.dryRun
                        ? "\(money) would be recorded as refunded, reference \(reference) (dry run; nothing was changed)"
                        : "\(money) recorded as refunded, reference \(reference)"))
        }

        /// The command that records all that is due, if anything is.
        private func advice(in session: OperatorSession) async -> String {
            guard let record = try? await session.orders.order(id), case let due = record.money.due(on: record.order), due > 0 else { return "" }
            return "\nonce that went back: seckill order refund \(id) --amount \(due) --reference \(ShellWord.quoted(reference))"
        }
    }

    fileprivate static func print(_ order: Order, _ format: OutputFormat) throws {
        switch format {
        case .json: try JSONOutput.print(OperatorOrder(order))
        case .yaml: try YAMLOutput.print(OperatorOrder(order))
        default: try ListWriter.print([OperatorOrder(order)], format)
        }
    }
}
