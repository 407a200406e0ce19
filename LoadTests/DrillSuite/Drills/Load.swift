import FaultSuite
import Foundation
import LoadModel

/// How a drill's buyers come: at a steady rate, whatever they hear, each once.
struct Load: Sendable {
    var perSecond = 60
    var seconds: Double
    /// `nil` keeps connections.
    var purchasesPerConnection: Int?
    var retry = RetryPolicy.never

    /// - Parameter number: tells the buyers of several loads on one sale apart.
    func plan(_ number: Int = 0) -> CrowdPlan {
        let count = Int(Double(perSecond) * seconds)
        let intentions = (0..<count).map { index in
            let user = "buyer-\(number)-\(index)"
            return Intention(user: user, key: "key-\(user)", arrival: .microseconds(Int64(Double(index) / Double(perSecond) * 1e6)))
        }
        var plan = CrowdPlan(intentions: intentions)
        plan.retry = retry
        plan.purchasesPerConnection = purchasesPerConnection
        return plan
    }
}

/// What the buyers felt.
struct Felt {
    let requests: Int
    let failed: [Exchange]
    /// Between the first request that failed and the last.
    let seconds: Double

    /// - Parameter isFailure: nothing that can be read, and whatever says that the service, or an edge, cannot serve at the moment.
    init(_ log: [Exchange], isFailure: (Exchange) -> Bool = { ($0.answer?.status ?? 599) >= 500 }) {
        requests = log.count
        let failed = log.filter(isFailure).sorted { $0.sentAt < $1.sentAt }
        self.failed = failed
        seconds = zip(failed.prefix(1), failed.suffix(1)).map { ($1.sentAt - $0.sentAt).seconds }.first ?? 0
    }

    var text: String {
        let kinds = Dictionary(grouping: failed, by: \.summary).map { "\($0.value.count) × \($0.key)" }.sorted().prefix(4).joined(separator: ", ")
        return "\(failed.count) of \(requests) failed, over \((seconds * 100).rounded() / 100) s" + (kinds.isEmpty ? "" : " (\(kinds))")
    }
}

extension Trial {
    /// Not the short form, which every change must pass.
    var isWhole: Bool { scale >= 1 }

    /// Lets buyers come by `load` while `fault` happens, holds what they heard against the books, and tells how long they were failed.
    @discardableResult
    func drill(
        _ load: Load, in shop: Shop, _ keeper: ShopKeeper, settlesWithin patience: Duration = .seconds(30),
        _ fault: @escaping @Sendable () async throws -> Void
    ) async throws -> Felt {
        let sale = try await keeper.sale(Int(Double(load.perSecond) * load.seconds) * 2, in: shop)
        let crowd = try await Crowd.run(load.plan(), on: sale, self) { _ in try await fault() }
        _ = try await eventually(within: patience) { await shop.postgresPrimary() != nil }
        try await sale.judge(answersOf: crowd, self, mustSellOut: false)
        let felt = Felt(crowd.log)
        let figures = CrowdFigures(crowd.log)
        if let p99 = figures.latency(share: 0.99) { figureMax("p99_ms", p99.seconds * 1_000) }
        return felt
    }
}
