import LoadSupport

/// What a fault cost buyers each of whom asked once, for one unit of plenty.
package struct Impact: Sendable {
    package let requests: Int
    package let failed: [BuyerExchange]
    /// Between the first request that failed and the last.
    package let seconds: Double
    /// Refused because the buyer had a unit already: somebody sent a purchase twice.
    package let refusedAsSecond: Int

    /// - Parameter patience: who waits for longer was failed: a dead edge must not hide as a
    ///   connection that is tried again after a second.
    package init(_ log: [BuyerExchange], patience: Duration) {
        requests = log.count
        failed = log.filter { !$0.hasBought || $0.endedAt - $0.sentAt > patience }.sorted { $0.sentAt < $1.sentAt }
        seconds = zip(failed.prefix(1), failed.suffix(1)).map { ($1.sentAt - $0.sentAt).seconds }.first ?? 0
        refusedAsSecond = log.count { $0.answer?.code == "limit_reached" }
    }

    package var text: String {
        let kinds = Dictionary(grouping: failed) { $0.hasBought ? "late" : $0.summary }
        let list = kinds.map { "\($0.value.count) × \($0.key)" }.sorted().prefix(4).joined(separator: ", ")
        return "\(failed.count) of \(requests) failed, over \((seconds * 100).rounded() / 100) s" + (kinds.isEmpty ? "" : " (\(list))")
    }
}
