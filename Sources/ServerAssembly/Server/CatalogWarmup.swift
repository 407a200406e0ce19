import SaleCore
import SaleService

/// Holds the ports shut until this node can answer truthfully, so that the first buyer is not
/// refused because the service has just begun.
struct CatalogWarmup: Sendable {
    let catalog: CatalogStore

    /// A sale that cannot be proven must not keep the others from being sold.
    private static let waitMax = Duration.seconds(10)
    private static let pause = Duration.milliseconds(20)

    /// Returns when every sale that is not long over is proven, at the latest ten seconds after the
    /// start; but not before there is a catalog, without which every sale would be called unknown.
    func wait() async throws {
        let deadline = ContinuousClock.now + Self.waitMax
        while catalog.snapshot == nil || (!isComplete && ContinuousClock.now < deadline) {
            try await Task.sleep(for: Self.pause)
        }
    }

    private var isComplete: Bool {
        catalog.snapshot?.unproven.isEmpty ?? false
    }
}
