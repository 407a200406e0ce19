import FaultSuite
import Foundation
import LoadModel
import LoadSupport
import Synchronization

/// Keeps one shop for all drills: to open it takes half a minute. One that a drill has left in
/// pieces is closed, and the next drill gets a new one.
final class ShopKeeper: Sendable {
    private let topology: Topology
    private let executable: String
    /// The `seckill` that an upgrade comes from.
    let earlier: String
    private let directory: String
    private let kept = Mutex<(shop: Shop?, opened: Int, sales: Int)>((nil, 0, 0))

    /// - Parameters:
    ///   - earlier: the `seckill` that an upgrade comes from, if it is another one.
    ///   - directory: is made, and removed by `close`.
    init(topology: Topology, executable: String, earlier: String?, directory: String) {
        self.topology = topology
        self.executable = executable
        self.earlier = earlier ?? executable
        self.directory = directory
    }

    /// A drill that hangs must not hang all of them.
    private static let patience = Duration.seconds(240)

    /// Runs `body` on a shop in which everything is well.
    func withShop(_ trial: Trial, _ body: @escaping @Sendable (Shop) async throws -> Void) async throws {
        let begin = ContinuousClock.now
        let shop = try await open { Self.keepLogs(of: $0, in: trial.directory) }
        trial.figure("shop_seconds", (ContinuousClock.now - begin).seconds)
        let result: Result<Void, any Error>
        do {
            try await within(Self.patience) {
                try await shop.supervised { shop in
                    try await body(shop)
                    try await shop.heal()
                }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let isSound = if case .success = result { trial.record.findings.allSatisfy(\.passed) } else { false }
        if !isSound {
            Self.keepLogs(of: shop.lab, in: trial.directory)
            await close()
        }
        try result.get()
    }

    /// A sale that nobody has bought from.
    func sale(_ stock: Int, in shop: Shop) async throws -> ShopSale {
        let number = kept.withLock { kept in
            kept.sales += 1
            return kept.sales
        }
        return try await ShopSale.open("drill-\(number)", stock: stock, in: shop)
    }

    /// - Parameter onFailure: may look at what is about to be closed.
    private func open(_ onFailure: (Lab) -> Void) async throws -> Shop {
        if let shop = kept.withLock({ $0.shop }) { return shop }
        let number = kept.withLock { kept in
            kept.opened += 1
            return kept.opened
        }
        let place = "\(directory)/\(number)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let shop = try await Shop.open(topology, executable: executable, directory: place, onFailure)
        kept.withLock { $0.shop = shop }
        return shop
    }

    /// Ends everything that runs in the shop.
    func close() async {
        let shop = kept.withLock { $0.shop.take() }
        await shop?.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func within(_ patience: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: patience)
                throw SetupFailure("not over after \(patience)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func keepLogs(of lab: Lab, in place: String) {
        let files = FileManager.default
        for host in (try? files.contentsOfDirectory(atPath: lab.directory)) ?? [] {
            try? files.copyItem(atPath: "\(lab.directory)/\(host)/log", toPath: "\(place)/\(host)")
        }
    }
}
