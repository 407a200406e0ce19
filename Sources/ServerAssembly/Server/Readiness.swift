import HTTPFront
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// What must hold so that this node should be sent purchases.
struct Readiness: Sendable {
    let stores: Stores
    let probe: StoreProbe
    let catalog: CatalogStore
    /// Of the oldest batch that Postgres has not judged, in nanoseconds.
    let commitAge: @Sendable () -> UInt64
    let drain: DrainState
    let hasKeys: @Sendable () -> Bool

    var checks: @Sendable () async -> [ReadinessCheck] {
        { [self] in
            let ledger = await stores.orders.ping()
            var checks = [ReadinessCheck(name: "postgres", isOK: ledger == nil, detail: ledger?.reason ?? "")]
            checks.append(writer)
            do throws(StoreError) {
                let identity = try await stores.redis.identity()
                let refusal = identity.isPrimary ? await probe.refusal() : "is a replica"
                checks.append(ReadinessCheck(name: "redis", isOK: refusal == nil, detail: refusal ?? ""))
                checks.append(
                    ReadinessCheck(
                        name: "redis_append_only", isOK: true, detail: identity.isAppendOnly ? "on" : "off: a restart forgets reservations"))
                checks.append(
                    ReadinessCheck(
                        name: "redis_eviction", isOK: true,
                        detail: identity.keepsWhatItHolds ? "off" : "\(identity.evictionPolicy): full memory forgets reservations"))
            } catch {
                checks.append(ReadinessCheck(name: "redis", isOK: false, detail: error.reason))
            }
            checks.append(sales)
            checks.append(
                ReadinessCheck(name: "catalog", isOK: catalog.snapshot != nil, detail: catalog.snapshot == nil ? "not read yet" : ""))
            checks.append(ReadinessCheck(name: "draining", isOK: !drain.isAnnounced, detail: drain.isAnnounced ? "is being stopped" : ""))
            checks.append(ReadinessCheck(name: "keys", isOK: hasKeys(), detail: hasKeys() ? "" : "not read yet"))
            return checks
        }
    }

    /// A node none of whose open sales can be sold is of no use; one that has nothing to sell may
    /// wait for it.
    private var sales: ReadinessCheck {
        let now = catalog.now
        let open = (catalog.snapshot?.sales.values).map { $0.filter { $0.sale.phase(at: now, isSoldOut: false) == .open } } ?? []
        let proven = open.count { $0.isProven }
        return ReadinessCheck(name: "sales", isOK: open.isEmpty || proven > 0, detail: "\(proven) of \(open.count) proven")
    }

    /// While nothing is confirmed, whatever the reason, purchases should go elsewhere.
    private var writer: ReadinessCheck {
        let milliseconds = commitAge() / 1_000_000
        let isOK = milliseconds <= Limits.commitAgeReadyMaxMilliseconds
        return ReadinessCheck(
            name: "writer", isOK: isOK, detail: isOK ? "" : "Postgres has not confirmed the oldest batch of orders for \(milliseconds) ms")
    }
}
