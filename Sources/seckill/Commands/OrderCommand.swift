import ArgumentParser
import SaleCore
import SaleService
import ServerAssembly

struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Look at orders.", subcommands: [Show.self, List.self])
}

extension OrderCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one order.")

        @Argument var id: OrderID
        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreOptions

        func run() async throws {
            let order = try await withSession(stores) { session in
                if let order = try await session.reader.order(id) { return order }
                if let order = try await reserved(in: session) { return order }
                // Its commit may have come between the two looks.
                if let order = try await session.reader.order(id) { return order }
                throw CommandFailure(.notFound, "there is no order \(id)")
            }
            if output.output == .json {
                try JSONOutput.print(OrderReport(order))
            } else {
                OrderReport.print([OrderReport(order)])
            }
        }

        /// The order as the reservation log has it, before its commit.
        private func reserved(in session: OperatorSession) async throws -> Order? {
            for sale in try await session.ledger.sales() {
                guard let reservation = try await session.store.reservation(id, of: sale.id) else { continue }
                return Order(reserved: reservation, in: sale)
            }
            return nil
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List committed orders of a sale, newest first.")

        @Option(help: ArgumentHelp("The sale.", valueName: "sale"))
        var sale: SaleID
        @Option(help: ArgumentHelp("Only orders of this user.", valueName: "user"))
        var user: UserID?
        @Option(help: ArgumentHelp("Only orders in this state.", valueName: "state"))
        var state: OrderState?
        @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
        var limit = 100
        @OptionGroup var output: OutputOptions
        @OptionGroup var stores: StoreOptions

        private static let pageMax = 1_000

        func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be between 1 and 1000000") }
        }

        func run() async throws {
            let found = try await withSession(stores) { session in
                guard try await session.ledger.sale(sale) != nil else { throw CommandFailure(.notFound, "there is no sale \(sale)") }
                // One more than is shown tells whether there are more.
                var orders: [Order] = []
                while orders.count <= limit {
                    let page = try await session.ledger.orders(
                        of: sale, user: user, state: state, before: orders.last?.id, countMax: min(Self.pageMax, limit + 1 - orders.count))
                    orders += page
                    if page.isEmpty { break }
                }
                return orders
            }
            let reports = found.prefix(limit).map(OrderReport.init)
            if output.output == .json {
                try JSONOutput.print(["orders": reports])
            } else {
                OrderReport.print(reports)
            }
            if found.count > limit { Console.message("there are more; ask for them with --limit") }
        }
    }
}
