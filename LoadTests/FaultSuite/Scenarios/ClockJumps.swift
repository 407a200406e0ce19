import Foundation

extension Scenario {
    static let clockJumps = [
        Scenario(
            "T21", "the wall clock of a node is an hour ahead, an hour behind, or steps by 5 s", bar: "0 orders outside the window, 0 oversold",
            wrongClock)
    ]

    private static func wrongClock(_ trial: Trial) async throws {
        let library = URL(filePath: trial.executable).deletingLastPathComponent().appending(path: "libFaultClock.so").path
        guard FileManager.default.fileExists(atPath: library) else { throw NotRun("\(library) is not built") }
        for (name, offset) in [("an hour ahead", 3_600), ("an hour behind", -3_600), ("stepping by 5 s", 0)] {
            let clock = "\(trial.directory)/clock"
            try setClock(clock, ahead: offset)
            var sale = SalePlan(stock: 400)
            (sale.opensIn, sale.closesIn) = (6, 11)
            var plan = StackPlan(sale: sale, nodes: 2)
            // Fewer buyers than units: the window ends the sale, not the stock.
            plan.settings = ["LD_PRELOAD": library, "FAULT_CLOCK_FILE": clock]
            trial.injected("clock \(name)")
            let cell = try trial.cell(name)
            try await withStack(cell, plan) { stack in
                let opened = try await stack.postgres.query(
                    "SELECT (extract(epoch FROM opens_at) * 1000)::bigint, (extract(epoch FROM closes_at) * 1000)::bigint FROM sales")
                guard let opens = opened.first.flatMap({ Int($0[0]) }), let closes = opened.first.flatMap({ Int($0[1]) }) else { return }
                var crowdPlan = CrowdPlan.waves([(buyers: 300, seconds: 14)], seed: trial.seed)
                crowdPlan.patience = .seconds(1)
                let crowd = try await Crowd.run(crowdPlan, on: stack, trial) { crowd in
                    guard offset == 0 else { return }
                    for step in [5, -5, 5, -5, 0] {
                        try await Task.sleep(for: .seconds(2))
                        trial.injected("step to \(step) s")
                        try setClock(clock, ahead: step)
                    }
                }
                let books = try await SaleBooks.read(stack)
                let outside = books.orders.filter { $0.createdAt < opens || $0.createdAt >= closes }
                trial.check("inside_the_window", outside.isEmpty, "\(name): \(books.orders.count) orders, \(outside.count) outside the window")
                trial.check("sells_inside_the_window", !books.orders.isEmpty, "\(name): \(books.orders.count) orders")
                trial.figureMax("orders_\(name.replacing(" ", with: "_"))", Double(books.orders.count))
                try await stack.judge(crowd, trial, mustSellOut: false)
            }
        }
    }

    /// In place: the node has mapped the file.
    private static func setClock(_ path: String, ahead seconds: Int) throws {
        // Copied before the closure ends.
        let bytes = unsafe withUnsafeBytes(of: Int64(seconds) * 1_000_000_000) { unsafe Data($0) }
        if !FileManager.default.fileExists(atPath: path) { try bytes.write(to: URL(filePath: path)) }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.write(contentsOf: bytes)
        try file.close()
    }
}
