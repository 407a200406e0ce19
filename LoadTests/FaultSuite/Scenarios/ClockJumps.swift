import Foundation

extension Scenario {
    static let clockJumps = [
        Scenario(
            "T21", "the wall clock of a node is an hour ahead, an hour behind, or steps by 5 s", bar: "0 orders outside the window, 0 oversold",
            wrongClock)
    ]

    private static let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    private static func wrongClock(_ trial: Trial) async throws {
        let candidates = [library, library.replacing("x86_64", with: "aarch64")]
        guard let library = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw NotRun("libfaketime is not installed: scripts/install-fault-packages.sh")
        }
        for (name, offset) in [("an hour ahead", "+3600s"), ("an hour behind", "-3600s"), ("stepping by 5 s", "+0s")] {
            let clock = "\(trial.directory)/clock"
            try offset.write(toFile: clock, atomically: true, encoding: .utf8)
            var sale = SalePlan(stock: 400)
            (sale.opensIn, sale.closesIn) = (6, 11)
            var plan = StackPlan(sale: sale, nodes: 2)
            // Fewer buyers than units: the window ends the sale, not the stock.
            plan.settings = [
                "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_XRESET": "1",
            ]
            trial.injected("clock \(name)")
            let cell = try trial.cell(name)
            try await withStack(cell, plan) { stack in
                let opened = try await stack.postgres.query(
                    "SELECT (extract(epoch FROM opens_at) * 1000)::bigint, (extract(epoch FROM closes_at) * 1000)::bigint FROM sales")
                guard let opens = opened.first.flatMap({ Int($0[0]) }), let closes = opened.first.flatMap({ Int($0[1]) }) else { return }
                var crowdPlan = CrowdPlan.waves([(buyers: 300, seconds: 14)], seed: trial.seed)
                crowdPlan.patience = .seconds(1)
                let crowd = try await Crowd.run(crowdPlan, on: stack, trial) { crowd in
                    guard offset == "+0s" else { return }
                    for step in ["+5s", "-5s", "+5s", "-5s", "+0s"] {
                        try await Task.sleep(for: .seconds(2))
                        trial.injected("step to \(step)")
                        try step.write(toFile: clock, atomically: true, encoding: .utf8)
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
}
