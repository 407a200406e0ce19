import ArgumentParser
import OperatorAPI
import SaleCore
import SaleService
import ServerAssembly

/// Which orders a list is of.
struct OrderFilterOptions: ParsableArguments {
    @Option(sale: "Only orders of this sale.") var sale: SaleID?
    @Option(user: "Only orders of this user.") var user: UserID?
    @Option(
        help: ArgumentHelp(
            "Only orders in one of these states, such as paid,expired: \(OrderState.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "states"),
        transform: Self.states)
    var state: Set<OrderState>?
    @Flag(help: "Only orders whose money came too late or twice, and must go back.")
    var refundDue = false
    @OptionGroup var span: SpanOptions

    private static func states(_ text: String) throws -> Set<OrderState> {
        try Set(
            text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let state = OrderState(rawValue: String(word)) else {
                    throw ValidationError("must be of \(OrderState.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(word)\"")
                }
                return state
            })
    }

    var filter: OrderFilter {
        OrderFilter(sale: sale, user: user, states: state ?? [], isRefundDue: refundDue, since: span.since, until: span.until)
    }

    /// A mistyped name must not look like a sale without orders.
    func requireSale(in session: OperatorSession) async throws {
        if let sale, try await session.ledger.sale(sale) == nil { throw OperatorCommandError.unknownSale(sale) }
    }
}

extension OrderCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List committed orders, newest first.",
            discussion: """
                With --refund-due the table is the work list of refunds, with the amount that is due. -o wide adds prices, times and what was received, refunded and is due. \
                Data have money in the currency's minor unit.
                """)

        @OptionGroup var filters: OrderFilterOptions
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
                let count = try await list()
                if count > limit { Console.message("there are more; ask for them with --limit, or for all with: seckill order export") }
            }
        }

        /// - Returns: how many there are, counted up to one more than are shown.
        private func list() async throws -> Int {
            try await withSession(stores) { session in
                try await filters.requireSale(in: session)
                let isWorkList = filters.refundDue && output.output == .table
                let showsMoney = isWorkList || (output.output != .table && output.output != .name)
                var writer = try ListWriter<OperatorOrder>(output.output, keys: isWorkList ? OperatorOrder.workListKeys : nil)
                var count = 0
                try await session.orders.forEachPage(filters.filter, countMax: limit + 1, until: { Console.hasDataFailed }) { page in
                    let shown = Array(page.prefix(limit - count))
                    let money = try await session.orders.money(of: showsMoney ? shown : [])
                    try writer.add(shown.map { OperatorOrder($0, money[$0.id]) })
                    count += page.count
                }
                try writer.end()
                if filters.refundDue, count == 0 { Console.message("nothing is due") }
                return count
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all committed orders as CSV or NDJSON, newest first.",
            discussion: """
                However many there are, they go out as they are read. CSV is RFC 4180 in UTF-8 with a header line; a cell that a spreadsheet would take for a formula begins \
                with an apostrophe. Money stands in the currency's minor unit: received, refunded and refund_due_amount say what came, what went back and what must.
                """)

        enum Form: String, ExpressibleByArgument, CaseIterable {
            case csv
            case ndjson

            var format: OutputFormat {
                switch self {
                case .csv: .csv
                case .ndjson: .ndjson
                }
            }
        }

        @OptionGroup var filters: OrderFilterOptions
        @Option(name: [.short, .long], help: "How to write: csv or ndjson; for other forms: seckill order list.")
        var output: Form = .csv
        @Option(help: ArgumentHelp("Of CSV, such as id,sku,user,state.", valueName: "names"))
        var columns: String?
        @Flag(help: "Begin CSV with a byte order mark, by which Excel knows UTF-8.")
        var bom = false
        @OptionGroup var stores: StoreFlags

        func validate() throws {
            if output == .ndjson, columns != nil || bom { throw ValidationError("--columns and --bom are for csv") }
        }

        func run() async throws {
            let keys = columns?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            try await withSession(stores) { session in
                try await filters.requireSale(in: session)
                var writer = try ListWriter<OperatorOrder>(output.format, keys: keys, hasMark: bom)
                try await session.orders.forEachPage(filters.filter, until: { Console.hasDataFailed }) { page in
                    let money = try await session.orders.money(of: page)
                    try writer.add(page.map { OperatorOrder($0, money[$0.id]) })
                }
                try writer.end()
            }
        }
    }
}
