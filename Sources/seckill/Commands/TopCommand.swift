import ArgumentParser
import Glibc
import SaleCore
import SaleService
import ServerAssembly

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch the fleet and the stock of a sale, second by second.",
        discussion: "On a terminal a screen that renews itself; elsewhere one line a second.")

    @Option(sale: "The sale whose stock is shown; every open one unless given.") var sale: SaleID?
    @Flag(help: "Show one second, and end.")
    var once = false
    @OptionGroup var stores: StoreFlags

    func run() async throws {
        try await withSession(stores) { session in
            if let sale { _ = try await session.operations.sale(sale) }
            var earlier = try await look(session)
            repeat {
                try await Task.sleep(for: .seconds(1))
                let later = try await look(session)
                show(TopReport(from: earlier, to: later))
                earlier = later
            } while !once && !Console.hasDataFailed
        }
    }

    private func look(_ session: OperatorSession) async throws -> TopReport.Look {
        let nodes = try await session.nodes.nodes()
        let now = try await session.store.now()
        if let sale { return TopReport.Look(nodes: nodes, sales: [try await session.operations.sale(sale)], at: now) }
        let onSale: Set<SalePhase> = [.open, .paused, .soldOut]
        let shown = try await session.operations.sales().filter { onSale.contains($0.sale.phase(at: now, isSoldOut: $0.isSoldOut)) }
        return TopReport.Look(nodes: nodes, sales: shown, at: now)
    }

    private func show(_ report: TopReport) {
        if !once, isatty(1) == 1 {
            Console.data("\u{1B}[H\u{1B}[2J" + report.screen)
        } else {
            Console.data(once ? report.screen : report.line)
        }
    }
}
