import FaultSuite
import Foundation
import LoadModel
import Synchronization

/// Keeps one shop for all drills: to open it takes half a minute. One that a drill has left in pieces is closed, and the next drill gets a new one.
package final class ShopKeeper: Sendable {
    private let topology: Topology
    private let executable: String
    private let directory: String
    private let kept = Mutex<(shop: Shop?, opened: Int, sales: Int)>((nil, 0, 0))

    /// - Parameter directory: is made, and removed by `close`.
    package init(topology: Topology, executable: String, directory: String) {
        self.topology = topology
        self.executable = executable
        self.directory = directory
    }

    /// Runs `body` on a shop in which everything is well.
    func withShop(_ trial: Trial, _ body: @Sendable (Shop) async throws -> Void) async throws {
        let begin = ContinuousClock.now
        let shop = try await open()
        trial.figure("shop_seconds", (ContinuousClock.now - begin).seconds)
        let result: Result<Void, any Error>
        do {
            try await shop.supervised { shop in
                try await body(shop)
                try await shop.heal()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let isSound = if case .success = result { trial.record.findings.allSatisfy(\.passed) } else { false }
        if !isSound {
            try? keepLogs(of: shop, in: trial.directory)
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

    private func open() async throws -> Shop {
        if let shop = kept.withLock({ $0.shop }) { return shop }
        let number = kept.withLock { kept in
            kept.opened += 1
            return kept.opened
        }
        let place = "\(directory)/\(number)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let shop = try await Shop.open(topology, executable: executable, directory: place)
        kept.withLock { $0.shop = shop }
        return shop
    }

    /// Ends everything that runs in the shop.
    package func close() async {
        let shop = kept.withLock { $0.shop.take() }
        await shop?.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func keepLogs(of shop: Shop, in place: String) throws {
        for host in try FileManager.default.contentsOfDirectory(atPath: shop.lab.directory) {
            let logs = "\(shop.lab.directory)/\(host)/log"
            guard FileManager.default.fileExists(atPath: logs) else { continue }
            try FileManager.default.copyItem(atPath: logs, toPath: "\(place)/\(host)")
        }
    }
}
