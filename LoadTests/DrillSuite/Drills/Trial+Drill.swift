import FaultSuite
import LoadSupport
import Synchronization

extension Trial {
    /// Not the short form, which every change must pass, also on a machine that does other things.
    var isWhole: Bool { scale >= 1 }

    /// What is allowed where `seconds` are promised: how fast it is, the whole form tells.
    func allowed(_ seconds: Double) -> Double { isWhole ? seconds : seconds * 2 }

    /// Lets buyers come by `load` while `fault` happens, holds what they heard against the books,
    /// and tells how long they were failed.
    @discardableResult
    func drill(
        _ load: Load, in shop: Shop, _ keeper: ShopKeeper, _ fault: @escaping @Sendable () async throws -> Void
    ) async throws -> Impact {
        let sale = try await keeper.sale(Int(Double(load.perSecond) * load.seconds) * 2, in: shop)
        let over = Mutex(Duration.zero)
        let crowd = try await Crowd.run(load.plan(), on: sale, self) { crowd in
            try await fault()
            over.withLock { $0 = crowd.now }
        }
        let last = crowd.log.map(\.sentAt).max() ?? .zero
        let fault = over.withLock { $0 }
        check("buyers_are_there_until_the_end", last > fault, "last purchase after \(last.seconds) s, fault over after \(fault.seconds) s")
        _ = try await eventually(within: .seconds(30)) { await shop.postgresPrimary() != nil }
        try await sale.judge(answersOf: crowd, self, mustSellOut: false)
        let figures = CrowdFigures(crowd.log)
        if let p99 = figures.latency(share: 0.99) { figureMax("p99_ms", p99.seconds * 1_000) }
        return Impact(crowd.log, patience: .seconds(allowed(1.5)))
    }
}
