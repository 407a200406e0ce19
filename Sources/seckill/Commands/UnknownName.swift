import SaleCore
import SaleService
import ServerAssembly

/// What is said of a name that nothing has: which one was perhaps meant, or where the names are.
enum UnknownName {
    private static let itemsShownMax = 10

    static func explained(_ error: any Error, in session: OperatorSession) async -> any Error {
        switch error {
        case OperatorCommandError.unknownSale(let sale):
            // Whoever cannot be asked for the names has been asked for the sale.
            let names = (try? await session.ledger.sales().map(\.id.rawValue)) ?? []
            return CommandFailure(.notFound, sentence(unknownSale: sale.rawValue, names: names))
        case OperatorCommandError.unknownItem(let sku, let sale):
            return CommandFailure(.notFound, sentence(unknownItem: sku.rawValue, of: sale.id.rawValue, items: sale.items.map(\.sku.rawValue)))
        default: return error
        }
    }

    static func sentence(unknownSale sale: String, names: [String]) -> String {
        "there is no sale \(sale); "
            + (CommandLineHelp.nearest(to: sale, among: names).map { "did you mean \($0)?" } ?? "see which there are with: seckill sale list")
    }

    static func sentence(unknownItem sku: String, of sale: String, items: [String]) -> String {
        if let meant = CommandLineHelp.nearest(to: sku, among: items) { return "sale \(sale) has no item \(sku); did you mean \(meant)?" }
        guard !items.isEmpty else { return "sale \(sale) has no item \(sku), for it has none" }
        let rest = items.count > itemsShownMax ? ", and \(items.count - itemsShownMax) more" : ""
        return "sale \(sale) has no item \(sku); it has: " + items.prefix(itemsShownMax).joined(separator: ", ") + rest
    }
}
