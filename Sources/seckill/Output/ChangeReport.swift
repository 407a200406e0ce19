import SaleCore
import SaleService

/// The differences that a command made, or would make.
struct ChangeReport: Encodable {
    private struct Row: Encodable {
        var sku: String?
        var field: String
        var from: Value?
        var to: Value
    }

    private enum Value: Encodable, CustomStringConvertible {
        case number(Int64)
        case text(String)
        case money(Int64, Currency)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .money(let minor, _): try container.encode(minor)
            }
        }

        var description: String {
            switch self {
            case .number(let number): String(number)
            case .text(let text): text
            case .money(let minor, let currency): Money.amount(minor, currency)
            }
        }
    }

    /// A field that is not what the file says, and stays.
    private struct Left: Encodable {
        var sku: String
        var field = "stock"
        var file: Int64
        var current: Int64

        enum CodingKeys: String, CodingKey {
            case sku, field, file
            case current = "is"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case sale, changes, left, obeyed
        case isDryRun = "dry_run"
        case notObeyed = "not_obeyed"
    }

    private let sale: String
    private let isDryRun: Bool
    private let changes: [Row]
    private let left: [Left]
    /// Nodes, by name; `nil` where nobody asked them.
    private let obeyed: [String]?
    private let notObeyed: [String]?

    /// Lines about what was left; a catalogue that was imported anew must not fill the screen.
    private static let leftLinesMax = 20

    init(sale: SaleID, changes: [SaleChange], stockLeft: [StockLeft] = [], isDryRun: Bool, seen: ObedienceOptions.Seen) {
        self.sale = sale.rawValue
        left = stockLeft.map { Left(sku: $0.sku.rawValue, file: $0.defined, current: $0.loaded) }
        self.isDryRun = isDryRun
        obeyed = seen.obedience?.obeying
        notObeyed = seen.obedience?.stragglers.map(\.node)
        self.changes = changes.flatMap(Self.rows)
    }

    func print(_ format: ReportFormat) throws {
        try format.print(self) { printForPeople() }
    }

    private func printForPeople() {
        defer { sayWhatWasLeft() }
        if changes.isEmpty {
            Console.message("sale \(sale): nothing to change")
            return
        }
        var table = TextTable(columns: [("ITEM", .left, true), ("FIELD", .left, false), ("FROM", .left, true), ("TO", .left, true)])
        for row in changes { table.add(row.sku ?? "", row.field, row.from?.description ?? "-", row.to.description) }
        table.print(fitting: TextTable.usualWidth, wraps: true)
        Console.message("sale \(sale): " + (isDryRun ? "would change so (dry run; nothing was changed)" : "changed"))
    }

    private func sayWhatWasLeft() {
        for left in left.prefix(Self.leftLinesMax) {
            Console.message("stock of \(left.sku): file says \(left.file), is \(left.current): left; --stock set changes it")
        }
        let rest = left.count - Self.leftLinesMax
        if rest > 0 { Console.message("stock of \(rest) more items differs from the file: left; --stock set changes it") }
    }

    private static func rows(of change: SaleChange) -> [Row] {
        switch change {
        case .create(let title, let opensAt, let closesAt, let payWithin):
            [
                Row(field: "title", to: .text(title)), Row(field: "opens_at", to: .text("\(opensAt)")),
                Row(field: "closes_at", to: .text("\(closesAt)")), Row(field: "pay_within", to: duration(payWithin)),
            ]
        case .setTitle(let from, let to): [Row(field: "title", from: .text(from), to: .text(to))]
        case .setOpensAt(let from, let to): [Row(field: "opens_at", from: .text("\(from)"), to: .text("\(to)"))]
        case .setClosesAt(let from, let to): [Row(field: "closes_at", from: .text("\(from)"), to: .text("\(to)"))]
        case .setPayWithin(let from, let to): [Row(field: "pay_within", from: duration(from), to: duration(to))]
        case .setStatus(let from, let to): [Row(field: "status", from: .text(from.rawValue), to: .text(to.rawValue))]
        case .addItem(let sku, let title, let unitPrice, let currency, let stock, let limit):
            [
                Row(sku: sku.rawValue, field: "title", to: .text(title)),
                Row(sku: sku.rawValue, field: "unit_price", to: .money(unitPrice, currency)),
                Row(sku: sku.rawValue, field: "currency", to: .text(currency.code)),
                Row(sku: sku.rawValue, field: "stock", to: .number(stock)),
                Row(sku: sku.rawValue, field: "limit_per_user", to: .number(Int64(limit))),
            ]
        case .setItemTitle(let sku, let from, let to): [Row(sku: sku.rawValue, field: "title", from: .text(from), to: .text(to))]
        case .setPrice(let sku, let from, let fromCurrency, let to, let toCurrency):
            (from == to ? [] : [Row(sku: sku.rawValue, field: "unit_price", from: .money(from, fromCurrency), to: .money(to, toCurrency))])
                + (fromCurrency == toCurrency
                    ? [] : [Row(sku: sku.rawValue, field: "currency", from: .text(fromCurrency.code), to: .text(toCurrency.code))])
        case .setLimitPerUser(let sku, let from, let to):
            [Row(sku: sku.rawValue, field: "limit_per_user", from: .number(Int64(from)), to: .number(Int64(to)))]
        case .moveStock(let sku, let from, let to): [Row(sku: sku.rawValue, field: "stock", from: .number(from), to: .number(to))]
        }
    }

    private static func duration(_ milliseconds: Int64) -> Value { .text(DurationText.text(milliseconds: milliseconds)) }
}
